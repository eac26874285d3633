import { bitsOf, limitsOf, type Model, maskOf } from '../../generator/model/index.js';

/**
 * What headers of kernels, firmware and test suites lean on, so that one compiles alone. None of it is a fact of
 * the document: those that are come from the model. All are macros and plain typedefs, so that definitions of the
 * user's own headers replace them.
 */
const common = `
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef __INTPTR_TYPE__ intptr_t;
typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef unsigned short __le16;
typedef unsigned int __le32;
typedef unsigned long long __le64;
typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef unsigned long u_register_t;
typedef long register_t;

#define bool		_Bool
#define true		1
#define false		0
#define NULL		((void *)0)
#define offsetof(t, m)	__builtin_offsetof(t, m)
#define UINT64_C(x)	x##ULL
#define UINT32_C(x)	x##U
#define INT64_C(x)	x##LL

#define RMIGEN_PASTE(a, b)	a##b
#define U(x)		RMIGEN_PASTE(x, U)
#define UL(x)		RMIGEN_PASTE(x, UL)
#define ULL(x)		RMIGEN_PASTE(x, ULL)
#define L(x)		RMIGEN_PASTE(x, L)
#define LL(x)		RMIGEN_PASTE(x, LL)
#define _UL(x)		RMIGEN_PASTE(x, UL)
#define _ULL(x)		RMIGEN_PASTE(x, ULL)
#define _AC(x, y)	RMIGEN_PASTE(x, y)

#define BIT(nr)			(1UL << (nr))
#define BIT_ULL(nr)		(1ULL << (nr))
#define BIT_32(nr)		(1U << (nr))
#define BIT_64(nr)		(1ULL << (nr))
#define BIT_U8(nr)		((u8)(1U << (nr)))
#define BIT_U16(nr)		((u16)(1U << (nr)))
#define BIT_U32(nr)		(1U << (nr))
#define BIT_U64(nr)		(1ULL << (nr))
#define GENMASK(h, l)		((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define GENMASK_U32(h, l)	((u32)GENMASK(h, l))
#define GENMASK_U64(h, l)	GENMASK_ULL(h, l)
#define GENMASK_32(h, l)	((u32)GENMASK(h, l))
#define GENMASK_64(h, l)	GENMASK_ULL(h, l)
#define __bf_shf(x)		(__builtin_ffsll(x) - 1)
#define FIELD_PREP(mask, v)	(((__typeof__(mask))(v) << __bf_shf(mask)) & (mask))
#define FIELD_GET(mask, v)	((__typeof__(mask))(((v) & (mask)) >> __bf_shf(mask)))
#define FIELD_MAX(mask)		((__typeof__(mask))((mask) >> __bf_shf(mask)))
#define FIELD_FIT(mask, v)	(!((((__typeof__(mask))(v)) << __bf_shf(mask)) & ~(mask)))

#define SZ_1K		0x400
#define SZ_2K		0x800
#define SZ_4K		0x1000
#define SZ_8K		0x2000
#define SZ_16K		0x4000
#define SZ_32K		0x8000
#define SZ_64K		0x10000
#define SZ_1M		0x100000
#define SZ_2M		0x200000
#define SZ_1G		0x40000000
#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define GRANULE_SHIFT	12
#define GRANULE_SIZE	(1UL << GRANULE_SHIFT)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define __aligned(x)		__attribute__((__aligned__(x)))
#define __packed		__attribute__((__packed__))
#define __maybe_unused		__attribute__((__unused__))
#define __always_inline		inline
#define __must_check
#define __user
#define __iomem
#define __init
#define __unused
#define __deprecated
#define __same_type(a, b)	__builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define __must_be_array(a)	0
#define DECLARE_FLEX_ARRAY(type, name)	type name[]
#define __struct_group(tag, name, attrs, members...)	struct tag { members } attrs name
#define struct_group(name, members...)	struct { members } name

/* What a header asserts of itself is judged by the specification instead. */
#define _Static_assert(...)
#define static_assert(...)
#define BUILD_BUG_ON(...)
#define BUILD_BUG_ON_ZERO(...)	0
#define CASSERT(...)
#define COMPILER_ASSERT(...)
#define assert(...)
#define ASSERT(...)

/* Members of a struct at offsets of their own, in a union with what reaches to the next. */
#define SET_MEMBER(member, start, end) \\
	union { member; unsigned char reserved##end[(end) - (start)]; }

#define MASK(reg) \\
	(((reg##_WIDTH) == 64) ? ~0ULL : (((1ULL << (reg##_WIDTH)) - 1ULL) << (reg##_SHIFT)))
#define INPLACE(reg, v)		(((v) & (MASK(reg) >> (reg##_SHIFT))) << (reg##_SHIFT))
#define EXTRACT(reg, v)		(((v) & MASK(reg)) >> (reg##_SHIFT))
`;

/** What the shim calls numbers of the SMCCC, by label of the specification. */
const smccc: readonly (readonly [type: string, label: string, ...names: string[]])[] = [
  ['SmcccCallType', 'SMCCC_CALL_TYPE_YIELDING', 'ARM_SMCCC_STD_CALL', 'SMC_TYPE_STD', 'SMC_TYPE_YIELD'],
  ['SmcccCallType', 'SMCCC_CALL_TYPE_FAST', 'ARM_SMCCC_FAST_CALL', 'SMC_TYPE_FAST'],
  ['SmcccConvention', 'SMCCC_CONVENTION_SMC32', 'ARM_SMCCC_SMC_32', 'SMC_32'],
  ['SmcccConvention', 'SMCCC_CONVENTION_SMC64', 'ARM_SMCCC_SMC_64', 'SMC_64'],
];

/** What the shim calls the fields of a FID. */
const fidFields: readonly (readonly [name: string, field: string])[] = [
  ['TYPE', 'call_type'],
  ['CC', 'convention'],
  ['OEN', 'owner'],
  ['NUM', 'number'],
];

/** The text of the shim. Its numbers of the SMCCC and of registers are the specification's. */
export function shimOf(models: readonly Model[]): string {
  const model = models.at(-1)!;
  const lines: string[] = [common];
  const define = (name: string, value: bigint): void => {
    lines.push(`#define ${name}\t0x${value.toString(16)}UL`);
  };
  for (const [type, label, ...names] of smccc) {
    const value = labelOf(model, type, label);
    if (value !== undefined) for (const name of names) define(name, value);
  }
  const owners = model.types.get('SmcccOwner');
  if (owners?.kind === 'enumeration')
    for (const { name, value } of owners.labels) {
      if (value === undefined) continue;
      define(`ARM_${name}`, value);
      if (name === 'SMCCC_OWNER_STANDARD') define('OEN_STD_START', value);
      if (name === 'SMCCC_OWNER_STANDARD') define('OEN_STD_END', value);
    }
  const fid = model.types.get('SmcccFunctionId');
  if (fid?.kind === 'fieldset') {
    for (const [name, field] of fidFields) {
      const found = fid.fields.find((one) => one.name === field);
      if (found === undefined) continue;
      define(`FUNCID_${name}_SHIFT`, BigInt(found.lsb));
      define(`FUNCID_${name}_MASK`, limitsOf(bitsOf(found), false).max);
    }
    lines.push(
      '#define ARM_SMCCC_CALL_VAL(type, convention, owner, number) \\',
      '\t(((type) << FUNCID_TYPE_SHIFT) | ((convention) << FUNCID_CC_SHIFT) | \\',
      '\t (((owner) & FUNCID_OEN_MASK) << FUNCID_OEN_SHIFT) | ((number) & FUNCID_NUM_MASK))',
    );
  }
  const first = new Map(
    models.flatMap(({ interfaces }) => interfaces).map(({ name, fids }) => [name, fids[0]?.first]),
  );
  for (const [name, fid] of first) if (fid !== undefined) define(`RMIGEN_FIRST_${name}`, fid);
  lines.push('#define SMC64_STD_FID(range, offset)\t(RMIGEN_FIRST_##range + (offset))');
  for (const [name, mask] of registerBits(models)) define(name, mask);
  return `${lines.join('\n')}\n`;
}

/** The bits of registers by the names that a kernel has for them. Not every version carries every register. */
function registerBits(models: readonly Model[]): ReadonlyMap<string, bigint> {
  const bits = new Map<string, bigint>();
  for (const type of models.flatMap((model) => [...model.types.values()])) {
    if (type.kind !== 'fieldset' || type.register === undefined) continue;
    for (const field of type.fields) {
      bits.set(`${type.name}_${field.name}`, maskOf(field));
      // The kernel names the bits of ICH_HCR_EL2 without EL2 as well, in older versions.
      bits.set(`${type.name.replace(/_EL[0-3]$/, '')}_${field.name}`, maskOf(field));
    }
  }
  return bits;
}

function labelOf(model: Model, type: string, label: string): bigint | undefined {
  const found = model.types.get(type);
  if (found?.kind !== 'enumeration') return undefined;
  return found.labels.find((one) => one.name === label)?.value;
}
