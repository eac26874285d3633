export { type Accessor, type AccessorClass, allocate, checkBase, wordsFor } from './accessor.js';
export { type ArrayLayout, BigintArray, BytesArray, NumberArray, ViewArray } from './arrays.js';
export {
  type Enumeration,
  enumeration,
  type Labels,
  type ReservedEncoding,
  type ReservedEncoding64,
} from './enumeration.js';
export { toJson } from './json.js';
export { Memory, type MemoryOptions } from './memory.js';
export type * from './metadata.js';
export {
  type ReservedUse,
  readField,
  readMember,
  reservedRegisterUses,
  reservedUses,
  writeField,
  writeMember,
} from './raw.js';
export {
  isBytes,
  refuseBigint,
  refuseBytes,
  refuseConstant,
  refuseLabel,
  refuseMove,
  refuseNumber,
  refuseType,
} from './refuse.js';
export { type Command, Registers } from './registers.js';
