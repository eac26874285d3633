export const files = { 'types.yaml': '\ufeffRmiFeature:\n  summary: x\ufeffy\n' };
