/** What the shopper can do next. */
export type NextStep =
  /** Nothing: it is paid, or given back. */
  | 'none'
  /** Try again with the same card: what was typed was wrong, or the bank asked for a step that was not taken. */
  | 'tryAgain'
  /** Try again with another card or another way to pay. */
  | 'payOtherwise'
  /** Ask the bank that gave out the card. */
  | 'askBank'
  /** Wait: it is not decided yet. Do not pay again. */
  | 'wait'
  /** Ask the shop: it has to look at it. Do not pay again. */
  | 'askShop';

/** Languages there are sentences in. */
export type MessageLanguage = 'en' | 'ar';

/** What may be shown to a shopper. Tells nothing of the gateway, the bank's reasons or the shop's settings. */
export interface ShopperMessage {
  readonly nextStep: NextStep;
  readonly sentence: string;
  readonly language: MessageLanguage;
}

type Sentences = Readonly<Record<MessageLanguage, string>>;

interface Entry extends Sentences {
  readonly nextStep: NextStep;
}

const entries = {
  paid: {
    nextStep: 'none',
    en: 'Your payment was successful.',
    ar: 'تمت عملية الدفع بنجاح.',
  },
  held: {
    nextStep: 'wait',
    en: 'Your payment is being reviewed. You do not need to pay again.',
    ar: 'دفعتك قيد المراجعة. لا حاجة إلى الدفع مرة أخرى.',
  },
  pending: {
    nextStep: 'wait',
    en: 'Your payment is not complete yet. Please follow the instructions you were given, and do not pay again.',
    ar: 'لم تكتمل عملية الدفع بعد. يرجى اتباع التعليمات التي وصلتك وعدم الدفع مرة أخرى.',
  },
  unknown: {
    nextStep: 'wait',
    en: 'We do not know yet whether your payment went through. We are finding out; please do not pay again.',
    ar: 'لا نعرف بعد ما إذا كانت عملية الدفع قد تمت. نحن نتحقق من ذلك، يرجى عدم الدفع مرة أخرى.',
  },
  declined: {
    nextStep: 'payOtherwise',
    en: 'Your bank did not approve the payment. Please try another card or ask your bank.',
    ar: 'لم يوافق البنك على عملية الدفع. يرجى تجربة بطاقة أخرى أو التواصل مع البنك.',
  },
  securityCode: {
    nextStep: 'tryAgain',
    en: 'The security code of the card was not correct. Please check it and try again.',
    ar: 'رمز الأمان الخاص بالبطاقة غير صحيح. يرجى التحقق منه والمحاولة مرة أخرى.',
  },
  notVerified: {
    nextStep: 'tryAgain',
    en: 'The payment was not confirmed with your bank. Please try again and complete the confirmation.',
    ar: 'لم يتم تأكيد عملية الدفع لدى البنك. يرجى المحاولة مرة أخرى وإكمال خطوة التأكيد.',
  },
  funds: {
    nextStep: 'payOtherwise',
    en: 'Your bank did not approve the payment. Please try another card, or try again later.',
    ar: 'لم يوافق البنك على عملية الدفع. يرجى تجربة بطاقة أخرى أو المحاولة لاحقًا.',
  },
  card: {
    nextStep: 'payOtherwise',
    en: 'This card cannot be used here. Please check the number or try another card.',
    ar: 'لا يمكن استخدام هذه البطاقة هنا. يرجى التحقق من الرقم أو تجربة بطاقة أخرى.',
  },
  bank: {
    nextStep: 'askBank',
    en: 'Your bank did not approve the payment. Please ask your bank.',
    ar: 'لم يوافق البنك على عملية الدفع. يرجى التواصل مع البنك.',
  },
  cancelled: {
    nextStep: 'tryAgain',
    en: 'The payment was cancelled. You have not been charged.',
    ar: 'تم إلغاء عملية الدفع، ولم يُخصم أي مبلغ.',
  },
  expired: {
    nextStep: 'tryAgain',
    en: 'The time to pay has run out. You have not been charged; please try again.',
    ar: 'انتهت المهلة المحددة للدفع، ولم يُخصم أي مبلغ. يرجى المحاولة مرة أخرى.',
  },
  shop: {
    nextStep: 'askShop',
    en: 'The payment could not be made. You have not been charged; please contact us.',
    ar: 'تعذّر إجراء عملية الدفع، ولم يُخصم أي مبلغ. يرجى التواصل معنا.',
  },
} as const satisfies Record<string, Entry>;

type Kind = keyof typeof entries;

/**
 * By the gateway's codes. What the shop has done wrong is told as that, and why a bank refused is told to nobody but the
 * shopper by his bank.
 */
const byCode: ReadonlyMap<string, Kind> = new Map([
  ['1', 'shop'],
  ['2', 'shop'],
  ['4', 'unknown'],
  ['101', 'shop'],
  ['102', 'shop'],
  ['106', 'shop'],
  ['113', 'shop'],
  ['118', 'shop'],
  ['120', 'shop'],
  ['200', 'card'],
  ['206', 'shop'],
  ['300', 'declined'],
  ['305', 'securityCode'],
  ['310', 'notVerified'],
  ['316', 'funds'],
  ['321', 'cancelled'],
  ['325', 'shop'],
  ['342', 'shop'],
  ['345', 'notVerified'],
  ['354', 'card'],
  ['355', 'expired'],
  ['400', 'unknown'],
  ['401', 'unknown'],
  ['501', 'bank'],
  ['504', 'declined'],
  ['600', 'pending'],
]);

/** Letters that decide, whatever the code: with them the code is the bank's own, or a number to pay by. */
const byStatus: ReadonlyMap<string, Kind> = new Map([
  ['A', 'paid'],
  ['H', 'held'],
  ['P', 'pending'],
  ['C', 'cancelled'],
  ['X', 'expired'],
  ['V', 'cancelled'],
]);

/** What is not known may have moved money. */
function kindOf({ status, responseCode }: { status: string; responseCode: string }): Kind {
  if (status === 'D') return byCode.get(responseCode) ?? 'declined';
  if (status === 'E') return byCode.get(responseCode) ?? 'unknown';
  return byStatus.get(status) ?? 'unknown';
}

/**
 * A sentence for the shopper about how his payment ended, and what he can do. The gateway's own texts are not meant for him.
 * A code or letter that this version does not know gives the careful sentence: we are finding out, do not pay again.
 */
export function shopperMessage(
  transaction: { readonly status: string; readonly responseCode: string },
  language: MessageLanguage = 'en',
): ShopperMessage {
  const { nextStep, ...sentences } = entries[kindOf(transaction)];
  // A language that is not there, as plain JavaScript may ask for, must not show a shopper `undefined`.
  const known = Object.hasOwn(sentences, language) ? language : 'en';
  return Object.freeze({ nextStep, language: known, sentence: sentences[known] });
}
