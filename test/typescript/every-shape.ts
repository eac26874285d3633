/**
 * A specification that has every shape that the language allows and the document does not use: signed fields, fields
 * across bit 32, arrays of everything, names that generated code might want for itself.
 */
export const everyShape: Readonly<Record<string, string>> = {
  'demo/spec.yaml': `document: DEMO
version: "1"
title: Every shape of the language
interfaces:
  DEMO: { section: B1, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
include:
  types: [types.yaml, more/types.yaml]
  commands: [commands]
`,
  'demo/types.yaml': `DemoFlag:
  kind: enumeration
  section: C1.1
  summary: One bit.
  width: 1
  values:
    DEMO_OFF: { value: 0, doc: "off" }
    DEMO_ON:  { value: 1, doc: "on" }
DemoGaps:
  kind: enumeration
  section: C1.2
  summary: Labels with gaps between them.
  width: 8
  unused: reserved
  values:
    DEMO_FIRST: { value: 1, doc: first }
    DEMO_SECOND: { value: 4, doc: second }
    DEMO_LAST: { value: 255, doc: last }
DemoSigned:
  kind: enumeration
  section: C1.3
  summary: Labels on both sides of zero.
  width: 16
  signed: true
  unused: reserved
  values:
    DEMO_MINUS: { value: -1, doc: minus one }
    DEMO_ZERO:  { value: 0,  doc: zero }
    DEMO_PLUS:  { value: 1,  doc: plus one }
DemoWide:
  kind: enumeration
  section: C1.4
  summary: Labels of 64 bits with gaps.
  width: 64
  unused: reserved
  values:
    DEMO_LOW:  { value: 2, doc: low }
    DEMO_HIGH: { value: 0xfffffffffffffff0, doc: high }
DemoWideSigned:
  kind: enumeration
  section: C1.5
  summary: Signed labels of 64 bits.
  width: 64
  signed: true
  unused: reserved
  values:
    DEMO_NO:  { value: -1, doc: "no" }
    DEMO_YES: { value: 0,  doc: "yes" }
DemoByte:
  kind: fieldset
  section: C2.1
  summary: Eight bits.
  width: 8
  fields:
    low:  { bits: "2:0", type: UInt3, doc: low bits }
    sign: { bits: "6:3", type: Int4, doc: a signed field }
  reserved:
    - { bits: "7", as: SBZ }
DemoHalf:
  kind: fieldset
  section: C2.2
  summary: Sixteen bits with a field across bytes.
  width: 16
  fields:
    patch: { bits: "3:0", type: UInt4, doc: low bits }
    value: { bits: "11:4", type: UInt8, doc: across both bytes }
    top:   { bits: "15:12", type: Int4, doc: a signed field at the top }
DemoNarrow:
  kind: fieldset
  section: C2.3
  summary: Twenty-five bits.
  width: 25
  fields:
    all: { bits: "24:0", type: Bits25, doc: all bits }
DemoWord:
  kind: fieldset
  section: C2.4
  summary: Thirty-two bits.
  width: 32
  fields:
    middle: { bits: "20:10", type: Int11, doc: a signed field across bytes }
    gaps:   { bits: "31:24", type: DemoGaps, doc: labels with gaps }
  reserved:
    - { bits: "9:0", as: RES0 }
    - { bits: "23:21", as: RES1 }
DemoFull:
  kind: fieldset
  section: C2.5
  summary: Thirty-two bits in one field.
  width: 32
  fields:
    all: { bits: "31:0", type: Int32, doc: all bits }
DemoDouble:
  kind: fieldset
  section: C2.6
  summary: Sixty-four bits with fields across bit 32.
  width: 64
  fields:
    memory:   { bits: "19:0",  type: UInt20, doc: low bits }
    straddle: { bits: "40:20", type: UInt21, doc: across bit 32 }
    signed_:  { bits: "44:41", type: Int4, doc: a signed field in the upper word }
    at:       { bits: "62:45", type: Int18, doc: a signed field across bytes }
    flag:     { bits: "63",    type: DemoFlag, doc: a label }
DemoAcross:
  kind: fieldset
  section: C2.7
  summary: Wide and signed fields across bit 32.
  width: 64
  fields:
    small: { bits: "3:0",   type: UInt4, doc: low bits }
    wide:  { bits: "38:4",  type: Int35, doc: wider than a word and signed }
    tail:  { bits: "63:39", type: UInt25, doc: the rest }
DemoCross:
  kind: fieldset
  section: C2.8
  summary: Thirty-two bits across bit 32, signed.
  width: 64
  fields:
    all: { bits: "47:16", type: Int32, doc: across bit 32 }
  reserved:
    - { bits: "15:0", as: SBZ }
    - { bits: "63:48", as: SBZ }
DemoLong:
  kind: fieldset
  section: C2.9
  summary: Sixty-four bits in one field.
  width: 64
  fields:
    all: { bits: "63:0", type: Int64, doc: all bits }
DemoUneven:
  kind: fieldset
  section: C2.10
  summary: Forty bits, one field of which is laid out by another fieldset.
  width: 40
  fields:
    inner: { bits: "7:0", type: DemoByte, doc: bits of a fieldset }
    label: { bits: "15:8", type: DemoGaps, doc: labels with gaps }
    rest:  { bits: "39:16", type: Bits24, doc: across bit 32 }
DEMO_REGISTER:
  kind: register
  name: "DEMO_REGISTER<n>"
  count: 4
  access: RO
  source: DEMO registers, DEMO_REGISTER<n>
  summary: A register.
  width: 64
  fields:
    En: { bits: "0", type: Bits1, doc: enable }
  reserved:
    - { bits: "63:1", as: RES0 }
DEMO_MASK:
  kind: mask
  section: C3.1
  summary: A mask.
  register: DEMO_REGISTER
  fields: [En]
DemoHash:
  kind: alias
  section: C3.2
  summary: Wide bytes.
  type: Bits384
DemoLabel:
  kind: alias
  section: C3.3
  summary: Another name of an enumeration.
  type: DemoGaps
DemoFields:
  kind: alias
  section: C3.4
  summary: Another name of a fieldset.
  type: DemoWord
DEMO_SMALL: { kind: constant, section: C3.5, summary: A small constant., value: 3 }
DEMO_BIG:   { kind: constant, section: C3.6, summary: A big constant., value: 0x100000000, unit: bytes }
DEMO_NEGATIVE: { kind: constant, section: C3.7, summary: A negative constant., value: -5 }
`,
  'demo/more/types.yaml': `Memory:
  kind: struct
  section: C4.1
  summary: A struct that bears the name of a class of the runtime.
  size: 0x10
  unused: SBZ
  members:
    base: { offset: 0x0, type: UInt32, doc: a number }
    view: { offset: 0x8, type: DemoDouble, doc: fields }
DemoStruct:
  kind: struct
  section: C4.2
  summary: Members of every type, under names that accessors have uses for.
  size: 0x200
  unused: SBZ
  members:
    base:     { offset: 0x000, type: UInt8,  doc: a number }
    size:     { offset: 0x001, type: Int8,   doc: a number }
    memory:   { offset: 0x002, type: UInt16, doc: a number }
    value:    { offset: 0x004, type: Int16,  doc: a number }
    words:    { offset: 0x008, type: UInt32, doc: a number }
    at:       { offset: 0x00c, type: Int32,  doc: a number }
    bytes:    { offset: 0x010, type: UInt64, doc: a number }
    first:    { offset: 0x018, type: Int64,  doc: a number }
    gaps:     { offset: 0x020, type: DemoLabel, doc: a label }
    sign:     { offset: 0x022, type: DemoSigned, doc: a label }
    wide:     { offset: 0x028, type: DemoWide, doc: a label }
    no:       { offset: 0x030, type: DemoWideSigned, doc: a label }
    fixed:    { offset: 0x038, type: UInt16, value: 0x1234, doc: a constant }
    minus:    { offset: 0x03a, type: Int16, value: -2, doc: a constant }
    half:     { offset: 0x03c, type: DemoHalf, doc: fields }
    nested:   { offset: 0x040, type: Memory, doc: a struct }
    fields:   { offset: 0x050, type: DemoFields, doc: fields by another name }
    register_: { offset: 0x058, type: Bits64, register: DEMO_REGISTER, permitted: DEMO_MASK, doc: a register }
    hash:     { offset: 0x060, type: DemoHash, doc: bytes }
    u8s:      { offset: 0x090, type: UInt8, count: 3, doc: an array }
    i8s:      { offset: 0x094, type: Int8, count: 3, doc: an array }
    u16s:     { offset: 0x098, type: UInt16, count: 2, doc: an array }
    i32s:     { offset: 0x0a0, type: Int32, count: 2, doc: an array }
    u32s:     { offset: 0x0a8, type: UInt32, count: 2, doc: an array }
    i64s:     { offset: 0x0b0, type: Int64, count: 2, doc: an array }
    u64s:     { offset: 0x0c0, type: UInt64, count: 9, doc: an array }
    labels:   { offset: 0x108, type: DemoGaps, count: 4, doc: an array }
    signs:    { offset: 0x10c, type: DemoSigned, count: 2, doc: an array }
    wides:    { offset: 0x110, type: DemoWide, count: 2, doc: an array }
    flags:    { offset: 0x120, type: DemoHalf, count: 3, doc: an array }
    structs:  { offset: 0x130, type: Memory, count: 2, doc: an array }
    hashes:   { offset: 0x150, type: DemoHash, count: 2, doc: an array }
    registers: { offset: 0x1b0, type: Bits64, count: 2, register: DEMO_REGISTER, doc: an array }
DemoOuter:
  kind: struct
  section: C4.3
  summary: A struct of structs, without gaps.
  size: 0x400
  members:
    inner: { offset: 0x000, type: DemoStruct, count: 2, doc: structs }
`,
  'demo/commands/demo_every.yaml': `DEMO_EVERY:
  section: B1.1
  summary: Values in every place.
  fid: 0xC4000150
  inputs:
    base:     { register: X1, type: Address, doc: an address }
    memory:   { register: X2, bits: "7:0", type: UInt8, doc: a byte }
    high:     { register: X2, bits: "39:24", type: Int16, doc: across bit 32 }
    flag:     { register: X2, bits: "63", type: DemoFlag, doc: a label }
    level:    { register: X3, type: Int64, doc: a signed value }
    fields:   { register: X4, type: DemoDouble, doc: fields }
    narrow:   { register: X5, bits: "31:0", type: DemoWord, doc: narrow fields }
    raised:   { register: X6, bits: "35:4", type: DemoWord, doc: fields that do not start at bit 0 }
    gaps:     { register: X7, type: DemoGaps, doc: a narrow label in a whole register }
    nibble:   { register: X8, bits: "11:8", type: Int4, doc: a signed value }
    wide:     { register: X9, bits: "47:4", type: Bits44, doc: a wide value }
    wide_signed: { register: X10, bits: "47:4", type: Int44, doc: a signed wide value }
    tiny:     { register: X11, bits: "1:1", type: Bits1, doc: a bit }
    lower:    { register: X12, bits: "2:0", type: UInt3, doc: bits that share a byte }
    upper:    { register: X12, bits: "6:3", type: Int4, doc: signed bits that share a byte }
  outputs:
    result:   { register: X0, type: DemoWideSigned, doc: outcome }
    values:   { register: X16, type: UInt64, doc: the last register }
`,
  'demo/commands/demo_none.yaml': `DEMO_NONE:
  section: B1.2
  summary: No values at all.
  fid: 0xC4000151
`,
};
