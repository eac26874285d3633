export const last = 1;

const types = Array.from(
  { length: 2000 },
  (_, index) => `T${index}: { kind: alias, section: A1, summary: One of many types., type: Nothing }\n`,
);

export const files = { 'types.yaml': types.join('') };
