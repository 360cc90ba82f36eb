/** Removes a store's URL, and name and password in it, from what a driver says. */
export function hideUrl(text: string, url: string): string {
  // A password may have an @ of its own, unescaped.
  const [, userInfo = ''] = /^[a-z+]+:\/\/(.*)@/i.exec(url) ?? [];
  const password = userInfo.slice(userInfo.indexOf(':') + 1);
  const hidden = [url, userInfo, password].flatMap((each) => [each, decoded(each)]);
  return hidden
    .filter((each) => each !== '')
    .reduce((shown, each) => shown.replaceAll(each, '[hidden]'), text)
    .replace(/\/\/\S*@/g, '//[hidden]@');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
