import { handleAll, retry } from 'cockatiel';

const again = retry(handleAll, { maxAttempts: 2 });
class Rates {
  #calls = 0;
  // @usePolicy(again), where TypeScript's old decorators are switched on
  find(currency: string) {
    return again.execute(() => this.#find(currency));
  }
  async #find(currency: string) {
    this.#calls += 1;
    if (this.#calls === 1) throw new Error('busy');
    return `${currency} 3.97`;
  }
}
console.log(await new Rates().find('EUR')); // → EUR 3.97
