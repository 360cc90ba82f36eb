/**
 * Where everything lies in Redis. All of it begins with the prefix in braces, so that it is in one slot of a
 * cluster, since a script touches several:
 *
 *     {prefix}:state     format, run of the server, epoch, sequence of announcements, newest time, last fence
 *     {prefix}:g:<dep>   the generation of a dependency, for 31 days
 *     {prefix}:v3:<key>  the end of a value's life in 16 digits, and the value; for its time to live
 *     {prefix}:l:<key>   a lease, or the failure that ended it, for theirs
 *     {prefix}:p:<key>   how far the holder of a lease has come, for 31 days
 *     {prefix}:order, {prefix}:sizes      with a budget: age and size of the values
 *     {prefix}:moved, {prefix}:woken      the channels
 */
export class RedisKeys {
  readonly state: string;
  readonly order: string;
  readonly sizes: string;
  readonly movedChannel: string;
  readonly wokenChannel: string;
  readonly #start: string;
  /** Where a generation's key has the name of the dependency; from 1, as in scripts. */
  readonly dependencyAt: number;

  constructor(prefix: string) {
    this.#start = `{${prefix}}:`;
    this.state = `${this.#start}state`;
    this.order = `${this.#start}order`;
    this.sizes = `${this.#start}sizes`;
    this.movedChannel = `${this.#start}moved`;
    this.wokenChannel = `${this.#start}woken`;
    this.dependencyAt = Buffer.byteLength(this.generation('')) + 1;
  }

  generation(dependency: string): string {
    return `${this.#start}g:${dependency}`;
  }

  value(key: string): string {
    return `${this.#start}v3:${key}`;
  }

  lease(key: string): string {
    return `${this.#start}l:${key}`;
  }

  progress(key: string): string {
    return `${this.#start}p:${key}`;
  }
}
