export const files = { 'types.yaml': 'RmiFeature:\n  kind: enume\0ration\n' };
