import type { Span } from '../diagnostics/index.js';
import type {
  Command,
  CommandValue,
  ConditionFunction,
  Constant,
  Context,
  Enumeration,
  Failure,
  Field,
  Fieldset,
  FootprintItem,
  Label,
  Member,
  Model,
  Prose,
  Signature,
  Struct,
  Success,
} from './model.js';

/**
 * The type of a condition's part. `number` is a UIntN or IntN, `integer` is unbounded, `bits` a BitsN; an Address
 * is 64 bits that only UInt() turns into an integer; `zeros` is Zeros(), as wide as what it is compared with.
 */
export type ValueType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer' }
  | { readonly kind: 'number'; readonly width: number; readonly signed: boolean }
  | { readonly kind: 'bits'; readonly width: number | undefined }
  | { readonly kind: 'address' }
  | { readonly kind: 'zeros' }
  | { readonly kind: 'enumeration'; readonly of: Enumeration }
  | { readonly kind: 'fieldset'; readonly of: Fieldset }
  | { readonly kind: 'struct'; readonly of: Struct }
  | { readonly kind: 'array'; readonly element: ValueType; readonly count: number };

interface Typed {
  readonly type: ValueType;
  readonly span: Span;
}

/** A condition, resolved: every name is bound and every part has its type. */
export type Expression =
  | (Typed & { readonly kind: 'integer'; readonly value: bigint })
  | (Typed & { readonly kind: 'boolean'; readonly value: boolean })
  | (Typed & { readonly kind: 'input' | 'output'; readonly value: CommandValue })
  | (Typed & { readonly kind: 'context'; readonly name: string })
  | (Typed & { readonly kind: 'parameter'; readonly name: string })
  | (Typed & { readonly kind: 'label'; readonly label: Label })
  | (Typed & { readonly kind: 'constant'; readonly constant: Constant })
  | (Typed & { readonly kind: 'field'; readonly of: Expression; readonly member: Member | Field })
  | (Typed & { readonly kind: 'index'; readonly of: Expression; readonly index: Expression })
  | (Typed & { readonly kind: 'slice'; readonly of: Expression; readonly msb: number; readonly lsb: number })
  /** Bit strings put together, the first in the low-order bits. */
  | (Typed & { readonly kind: 'join'; readonly items: readonly Expression[] })
  | (Typed & {
      readonly kind: 'call';
      readonly function: ConditionFunction;
      readonly signature: Signature;
      readonly overload: number;
      readonly arguments: readonly Expression[];
    })
  /** What Arm's specification language has of its own: UInt(), Zeros(), Min(). */
  | (Typed & { readonly kind: 'builtin'; readonly name: Builtin; readonly arguments: readonly Expression[] })
  | (Typed & { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Expression })
  | (Typed & {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    });

export type Builtin = 'UInt' | 'Zeros' | 'Min';
export type BinaryOperator = '&&' | '||' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '^';

export interface ResolvedContext {
  readonly context: Context;
  readonly value: Expression;
  /** Whether the value depends on an output, and so exists only after the command. */
  readonly usesOutput: boolean;
}

export interface ResolvedFailure {
  readonly failure: Failure;
  readonly pre: Expression | Prose;
  readonly post: Expression;
  /** Failures that precede this one, over any number of steps (B1.6), by position in the command. */
  readonly predecessors: readonly number[];
}

export interface ResolvedSuccess {
  readonly success: Success;
  readonly pre: Expression | Prose | undefined;
  readonly post: Expression | Prose;
}

export interface ResolvedFootprint {
  readonly item: FootprintItem;
  readonly value: Expression;
}

/** A pair of the order as the document gives it: the first precedes the second. */
export interface OrderPair {
  readonly before: number;
  readonly after: number;
}

/** Everything that decides what a command may answer and change, bound and typed. */
export interface CommandConditions {
  readonly command: Command;
  readonly context: readonly ResolvedContext[];
  /** In the document's order. */
  readonly failures: readonly ResolvedFailure[];
  readonly order: readonly OrderPair[];
  /** Positions in `failures` in the order in which they are evaluated: a linear extension of the partial order. */
  readonly evaluation: readonly number[];
  readonly success: readonly ResolvedSuccess[];
  readonly footprint: readonly ResolvedFootprint[];
}

/** A model with its conditions: all that a version says. */
export interface Specification extends Model {
  readonly conditions: ReadonlyMap<string, CommandConditions>;
  /** The functions that the document defines by an expression. */
  readonly bodies: ReadonlyMap<string, Expression>;
}
