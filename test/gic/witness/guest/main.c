/*
 * Plays operations on the virtual CPU interface and stores every register after each of them. The driver puts the
 * operations at INPUT and takes the registers from the standard output of the semihosting interface.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

struct operation {
	u32 number;	/* RESET, or one of operations.inc plus one */
	u32 source;	/* where the value comes from */
	u64 value;
};

struct input {
	u64 count;
	struct operation operations[];
};

enum { RESET };
enum { LITERAL, LAST_ACKNOWLEDGED, LAST_ENDED };

#define INPUT ((const volatile struct input *)0x48000000)
#define OUTPUT_WORDS 0x40000
#define WORDS_A_STEP 64

/* Values which stand for an access that had no result; no register has them. */
#define TRAPPED (~0UL)
#define UNDEFINED_ACCESS (~1UL)

#define HCR_EL2_GUEST (1UL << 31 | 1UL << 5 | 1UL << 4 | 1UL << 3) /* RW, AMO, IMO, FMO */
#define SPSR_EL1H_MASKED 0x3c5
#define ESR_EC_SHIFT 26
#define ESR_EC_HVC 0x16
#define ESR_EC_SYSREG 0x18
#define INSTRUCTION 4

/* The maintenance interrupt of the virt machine is PPI 25; its level shows in GICR_ISPENDR0. */
#define GICR_ISPENDR0 ((const volatile u32 *)(0x080a0000UL + 0x10000 + 0x200))
#define MAINTENANCE 25

#define SYS_OPEN 0x01
#define SYS_WRITE 0x05
#define SYS_EXIT_EXTENDED 0x20
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

extern u64 enter_el1(u64 *frame);
extern u64 *el2_views(u64 *to);
extern const char el2_writes[], el1_accesses[], el1_views[];

static u64 frame[32];
static u64 output[OUTPUT_WORDS];
static u64 *output_end = output;
static u64 console;

static u64 semihost(u64 call, const void *arguments)
{
	register u64 x0 asm("x0") = call;
	register const void *x1 asm("x1") = arguments;

	asm volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
	return x0;
}

static void __attribute__((noreturn)) stop(u64 status)
{
	const u64 arguments[] = { ADP_STOPPED_APPLICATION_EXIT, status };

	for (;;)
		semihost(SYS_EXIT_EXTENDED, arguments);
}

void __attribute__((noreturn)) fail(void)
{
	stop(2);
}

static void flush(void)
{
	const u64 arguments[] = { console, (u64)output, (u64)output_end - (u64)output };

	if (semihost(SYS_WRITE, arguments) != 0)
		stop(3);
	output_end = output;
}

/* Runs code at EL1 until it calls back, and notes accesses that did not come off. */
static void run_at_el1(u64 code)
{
	u64 pc = code;

	for (;;) {
		u64 esr, at, marker;
		u32 class;

		asm volatile("msr elr_el2, %0; msr spsr_el2, %1" :: "r"(pc), "r"((u64)SPSR_EL1H_MASKED));
		esr = enter_el1(frame);
		class = esr >> ESR_EC_SHIFT & 0x3f;
		if (class == ESR_EC_SYSREG) {
			asm volatile("mrs %0, elr_el2" : "=r"(at));
			marker = TRAPPED;
		} else if (class == ESR_EC_HVC && (esr & 0xffff) == 1) {
			asm volatile("mrs %0, elr_el1" : "=r"(at));
			marker = UNDEFINED_ACCESS;
		} else if (class == ESR_EC_HVC && (esr & 0xffff) == 0) {
			return;
		} else {
			fail();
		}
		/* Rt of an MSR or MRS is in its low five bits. */
		frame[*(const u32 *)at & 31] = marker;
		pc = at + INSTRUCTION;
	}
}

static u64 access_at_el1(u32 index, u64 value)
{
	frame[0] = value;
	run_at_el1((u64)el1_accesses + index * 2 * INSTRUCTION);
	return frame[0];
}

static void write_at_el2(u32 index, u64 value)
{
	((void (*)(u64))((u64)el2_writes + index * 2 * INSTRUCTION))(value);
	asm volatile("isb");
}

/* Interrupts that were acknowledged and not ended, and those ended and not deactivated: the newest last. */
#define REMEMBERED 64
#define GROUP1 (1UL << 31)
struct stack {
	u32 count;
	u32 intids[REMEMBERED];
};
static struct stack acknowledged, ended;

static void push(struct stack *stack, u64 intid)
{
	if (stack->count < REMEMBERED)
		stack->intids[stack->count++] = intid;
}

static u64 pop(struct stack *stack, u64 otherwise)
{
	return stack->count > 0 ? stack->intids[--stack->count] : otherwise;
}

static u64 play(u64 number, u64 source, u64 value)
{
	if (source == LAST_ACKNOWLEDGED) {
		value = pop(&acknowledged, value);
		push(&ended, value & ~GROUP1);
		/* In its own group, or in the wrong one. */
		if (value & GROUP1)
			number = number == WRITE_EOIR0 ? WRITE_EOIR1 : WRITE_EOIR0;
		value &= ~GROUP1;
	} else if (source == LAST_ENDED) {
		value = pop(&ended, value);
	}
	if (number < EL2_WRITES) {
		write_at_el2(number, value);
		return 0;
	}
	value = access_at_el1(number - EL2_WRITES, value);
	if ((number == READ_IAR0 || number == READ_IAR1) && value != SPURIOUS && value < UNDEFINED_ACCESS)
		push(&acknowledged, value | (number == READ_IAR1 ? GROUP1 : 0));
	return number < FIRST_EL1_WRITE || value >= UNDEFINED_ACCESS ? value : 0;
}

int main(void)
{
	static const char name[] = ":tt";
	const u64 arguments[] = { (u64)name, 5, sizeof(name) - 1 };

	console = semihost(SYS_OPEN, arguments);
	asm volatile("msr hcr_el2, %0; msr icc_sre_el2, %1; isb" :: "r"(HCR_EL2_GUEST), "r"(0xfUL));

	for (u64 i = 0; i < INPUT->count; i++) {
		u64 number = INPUT->operations[i].number;

		if (number == RESET) {
			for (u32 n = 0; n < EL2_WRITES; n++)
				write_at_el2(n, 0);
			acknowledged.count = ended.count = 0;
			continue;
		}
		*output_end++ = play(number - 1, INPUT->operations[i].source, INPUT->operations[i].value);
		output_end = el2_views(output_end);
		*output_end++ = *GICR_ISPENDR0 >> MAINTENANCE & 1;
		frame[0] = (u64)output_end;
		run_at_el1((u64)el1_views);
		output_end = (u64 *)frame[0];
		if (output_end + WORDS_A_STEP > output + OUTPUT_WORDS)
			flush();
	}
	flush();
	stop(0);
}
