/** What the parser returns; offsets are into the text of the condition. */
interface At {
  readonly start: number;
  readonly end: number;
}

export type Syntax =
  | (At & { readonly kind: 'integer'; readonly value: bigint })
  | (At & { readonly kind: 'name'; readonly name: string })
  | (At & { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Syntax[] })
  | (At & { readonly kind: 'list'; readonly items: readonly Syntax[] })
  | (At & { readonly kind: 'field'; readonly of: Syntax; readonly name: string; readonly nameStart: number })
  | (At & { readonly kind: 'index'; readonly of: Syntax; readonly index: Syntax })
  | (At & { readonly kind: 'slice'; readonly of: Syntax; readonly high: Syntax; readonly low: Syntax })
  | (At & { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Syntax })
  | (At & {
      readonly kind: 'binary';
      readonly operator: '&&' | '||' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '^';
      readonly left: Syntax;
      readonly right: Syntax;
    });

export interface OrderLabel extends At {
  readonly name: string;
}

export interface OrderSyntax {
  readonly before: readonly OrderLabel[];
  readonly after: readonly OrderLabel[];
}
