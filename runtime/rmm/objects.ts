/**
 * Objects by the physical address of their Granule. The one that was found last is at hand: the conditions and the
 * effect of a command ask for the same ones several times.
 */
export class Objects<T> implements Iterable<readonly [address: number, object: T]> {
  readonly #objects = new Map<number, T>();
  #address = -1;
  #object: T | undefined;

  get size(): number {
    return this.#objects.size;
  }

  get(address: number): T | undefined {
    return address === this.#address ? this.#object : this.#find(address);
  }

  #find(address: number): T | undefined {
    const object = this.#objects.get(address);
    if (object !== undefined) {
      this.#address = address;
      this.#object = object;
    }
    return object;
  }

  has(address: number): boolean {
    return this.get(address) !== undefined;
  }

  set(address: number, object: T): void {
    this.#objects.set(address, object);
    this.#address = address;
    this.#object = object;
  }

  delete(address: number): void {
    this.#objects.delete(address);
    if (address === this.#address) {
      this.#address = -1;
      this.#object = undefined;
    }
  }

  keys(): Iterable<number> {
    return this.#objects.keys();
  }

  values(): Iterable<T> {
    return this.#objects.values();
  }

  [Symbol.iterator](): Iterator<[address: number, object: T]> {
    return this.#objects[Symbol.iterator]();
  }
}
