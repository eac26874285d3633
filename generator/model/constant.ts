import type { Expression } from './conditions.js';

/** The value of an expression of literals and constants; undefined when it depends on anything else. */
export function constantOf(expression: Expression): bigint | undefined {
  switch (expression.kind) {
    case 'integer':
      return expression.value;
    case 'constant':
      return expression.constant.value;
    case 'unary': {
      const operand = constantOf(expression.operand);
      return operand === undefined || expression.operator !== '-' ? undefined : -operand;
    }
    case 'binary': {
      const left = constantOf(expression.left);
      const right = constantOf(expression.right);
      if (left === undefined || right === undefined) return undefined;
      if (expression.operator === '+') return left + right;
      if (expression.operator === '-') return left - right;
      if (expression.operator === '*') return left * right;
      return expression.operator === '^' && right >= 0n && right <= 512n ? left ** right : undefined;
    }
    default:
      return undefined;
  }
}
