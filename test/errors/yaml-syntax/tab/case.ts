export const files = {
  'types.yaml': 'RmiFeature:\n\tkind: enumeration\n\tsection: B4.4.5\n',
};
