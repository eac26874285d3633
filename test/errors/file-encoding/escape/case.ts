export const files = { 'types.yaml': 'RmiFeature:\n  summary: "\u001b[31mred"\n' };
