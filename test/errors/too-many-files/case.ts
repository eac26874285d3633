export const files: Record<string, string> = {
  'spec.yaml': `document: DEN0137
version: 1.0-rel0
title: Realm Management Monitor specification
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
include:
  types: [many]
`,
};
for (let index = 0; index <= 4096; index++)
  files[`many/${index}.yaml`] =
    `C${index}: { kind: constant, section: A1, summary: One of very many constants., value: ${index} }\n`;
