/**
 * What `JSON.stringify` takes of a value that holds 64-bit integers and bytes: integers beyond 32 bits as
 * hexadecimal text, which stays exact in every reader, and bytes as hexadecimal digits.
 */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
  if (value instanceof Uint8Array) {
    let text = '';
    for (const byte of value) text += byte.toString(16).padStart(2, '0');
    return text;
  }
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
}
