import { guarded, retry } from '@nestcms/circuit-breaker';

const again = retry({ maxAttempts: 3 });
class Rates {
  #calls = 0;
  @guarded(again, 'safe')
  async find(currency: string) {
    this.#calls += 1;
    if (this.#calls === 1) throw new Error('busy');
    return `${currency} 3.97`;
  }
}
console.log(await new Rates().find('EUR')); // → EUR 3.97
