export const files = {
  'types.yaml': Array.from({ length: 6_000 }, (_, index) => {
    const type = index === 0 ? 'Bits64' : `Link${index - 1}`;
    return `Link${index}: { kind: alias, section: A1, summary: A link of a chain., type: ${type} }\n`;
  }).join(''),
};
