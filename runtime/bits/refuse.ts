/**
 * The one place that words what is wrong with a value. Generated setters test, which is cheap, and come here when the
 * test fails: a TypeError for a value of the wrong type, a RangeError for one that does not fit. `where` names the
 * place: `RmiRecExit.ripas_value (byte 0x510, 8 bits, B4.4.16)`.
 */

function clipped(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function valueText(value: number | bigint): string {
  if (typeof value === 'number' || (value < 4096n && value > -4096n)) return String(value);
  return clipped(value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`);
}

function described(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
      return String(value);
    case 'number':
      return `the number ${value}`;
    case 'bigint':
      return `the bigint ${valueText(value)}`;
    case 'string':
      return `the string ${JSON.stringify(clipped(value))}`;
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

function bitsText(bits: number): string {
  return bits === 1 ? '1 bit' : `${bits} bits`;
}

export function refuseType(value: unknown, where: string, expected: string): never {
  throw new TypeError(`${where}: expected ${expected}, found ${described(value)}`);
}

/** Of a value that is not a number, not an integer, or out of the range of `bits` bits. */
export function refuseNumber(value: unknown, where: string, bits: number, signed = false): never {
  if (typeof value !== 'number') return refuseType(value, where, 'a number');
  if (!Number.isInteger(value)) throw new RangeError(`${where}: ${value} is not an integer`);
  const all = 2 ** bits;
  const range = signed ? `${-all / 2} to ${all / 2 - 1}` : `0 to ${all - 1}`;
  throw new RangeError(`${where}: ${value} does not fit in ${bitsText(bits)} (${range})`);
}

/** Of a value that is not a bigint or out of the range of `bits` bits. */
export function refuseBigint(value: unknown, where: string, bits: number, signed = false): never {
  if (typeof value !== 'bigint') return refuseType(value, where, 'a bigint');
  const kind = signed ? ', signed' : '';
  throw new RangeError(`${where}: ${valueText(value)} does not fit in ${bitsText(bits)}${kind}`);
}

/** Of a value that is no label of an enumeration with reserved encodings; `labels` names it: `RmiRipas (B4.4.23)`. */
export function refuseLabel(
  value: unknown,
  where: string,
  labels: string,
  bits: number,
  signed = false,
): never {
  if (bits > 32) {
    if (typeof value !== 'bigint') return refuseType(value, where, 'a bigint');
    const fits = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    if (fits !== value) return refuseBigint(value, where, bits, signed);
  } else {
    if (typeof value !== 'number') return refuseType(value, where, 'a number');
    const half = 2 ** (bits - 1);
    const fits = signed ? value >= -half && value < half : value >= 0 && value < half * 2;
    if (!Number.isInteger(value) || !fits) return refuseNumber(value, where, bits, signed);
  }
  throw new RangeError(`${where}: ${valueText(value)} is a reserved encoding of ${labels}`);
}

/** Of a member whose value the document fixes. */
export function refuseConstant(value: unknown, where: string, constant: number | bigint): never {
  if (typeof value !== typeof constant) return refuseType(value, where, `a ${typeof constant}`);
  throw new RangeError(
    `${where}: it is always ${valueText(constant)}, not ${valueText(value as number | bigint)}`,
  );
}

/** Of bytes of the wrong length, or of something else. */
export function refuseBytes(value: unknown, where: string, size: number): never {
  if (!isBytes(value)) return refuseType(value, where, 'a Uint8Array');
  throw new RangeError(`${where}: expected ${size} bytes, found ${value.length}`);
}

export function refuseIndex(index: unknown, where: string, length: number): never {
  if (typeof index !== 'number') return refuseType(index, where, 'an index');
  throw new RangeError(`${where}: there is no element ${index}; the last one is ${length - 1}`);
}

export function refuseLength(found: number, where: string, length: number): never {
  throw new RangeError(`${where}: expected ${length} elements, found ${found}`);
}

/** Of a new base for an accessor that another one gave out. */
export function refuseMove(name: string): never {
  throw new TypeError(`${name}: it lies in another accessor and moves with it; set the base of that one`);
}

/** Bytes, also those of another realm (a frame or a worker), whose Uint8Array is another class. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT === 1;
}
