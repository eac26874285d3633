/*
 * Entry, vectors and the way to EL1 and back.
 *
 * operations.inc is written by the driver. It names each register once:
 *   EL2_WRITE, EL1_READ, EL1_WRITE(name)   operations, in the order of their numbers
 *   EL2_VIEW, EL1_VIEW(name)               registers that are read after each operation
 */
#define EL1_HVC hvc #0

	.section .text.start, "ax"
	.global _start
_start:
	ldr	x1, =stack_top
	mov	sp, x1
	ldr	x1, =vectors_el2
	msr	vbar_el2, x1
	ldr	x1, =vectors_el1
	msr	vbar_el1, x1
	isb
	bl	main
1:	wfi
	b	1b

	.text

/* u64 enter_el1(u64 *frame): runs at EL1 with x0 to x30 of the frame; returns ESR_EL2 of what led back. */
	.global enter_el1
enter_el1:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	msr	tpidr_el2, x0
	ldp	x2, x3, [x0, #16]
	ldp	x4, x5, [x0, #32]
	ldp	x6, x7, [x0, #48]
	ldp	x8, x9, [x0, #64]
	ldp	x10, x11, [x0, #80]
	ldp	x12, x13, [x0, #96]
	ldp	x14, x15, [x0, #112]
	ldp	x16, x17, [x0, #128]
	ldp	x18, x19, [x0, #144]
	ldp	x20, x21, [x0, #160]
	ldp	x22, x23, [x0, #176]
	ldp	x24, x25, [x0, #192]
	ldp	x26, x27, [x0, #208]
	ldp	x28, x29, [x0, #224]
	ldr	x30, [x0, #240]
	ldp	x0, x1, [x0]
	eret

from_el1:
	str	x0, [sp, #-16]!
	mrs	x0, tpidr_el2
	stp	x2, x3, [x0, #16]
	stp	x4, x5, [x0, #32]
	stp	x6, x7, [x0, #48]
	stp	x8, x9, [x0, #64]
	stp	x10, x11, [x0, #80]
	stp	x12, x13, [x0, #96]
	stp	x14, x15, [x0, #112]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x24, x25, [x0, #192]
	stp	x26, x27, [x0, #208]
	stp	x28, x29, [x0, #224]
	str	x30, [x0, #240]
	ldr	x2, [sp], #16
	stp	x2, x1, [x0]
	mrs	x0, esr_el2
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret

	.macro	vector to
	.balign	0x80
	b	\to
	.endm

	.balign	0x800
vectors_el2:
	.rept	8
	vector	unexpected
	.endr
	vector	from_el1
	.rept	7
	vector	unexpected
	.endr

	.balign	0x800
vectors_el1:
	.rept	4
	vector	unexpected_el1
	.endr
	vector	undefined_at_el1
	.rept	11
	vector	unexpected_el1
	.endr

/* A register that does not exist: EL2 sees to it, with ELR_EL1 at the access. */
undefined_at_el1:
	hvc	#1
unexpected_el1:
	hvc	#2

unexpected:
	bl	fail

/* What is done to registers, two instructions each. */
#define EL2_VIEW(name)
#define EL1_VIEW(name)

	.balign	8
	.global el2_writes
el2_writes:
#define EL2_WRITE(name) msr name, x0; ret;
#define EL1_READ(name)
#define EL1_WRITE(name)
#include "operations.inc"
#undef EL2_WRITE
#undef EL1_READ
#undef EL1_WRITE

	.global el1_accesses
el1_accesses:
#define EL2_WRITE(name)
#define EL1_READ(name) mrs x0, name; EL1_HVC;
#define EL1_WRITE(name) msr name, x0; EL1_HVC;
#include "operations.inc"
#undef EL1_READ
#undef EL1_WRITE
#undef EL2_VIEW
#undef EL1_VIEW
#define EL1_READ(name)
#define EL1_WRITE(name)

/* u64 *el2_views(u64 *to): stores what EL2 sees and returns what follows it. */
	.global el2_views
el2_views:
#define EL2_VIEW(name) mrs x1, name; str x1, [x0], #8;
#define EL1_VIEW(name)
#include "operations.inc"
#undef EL2_VIEW
#undef EL1_VIEW
	ret

/* The same at EL1. */
	.global el1_views
el1_views:
#define EL2_VIEW(name)
#define EL1_VIEW(name) mrs x1, name; str x1, [x0], #8;
#include "operations.inc"
	EL1_HVC
