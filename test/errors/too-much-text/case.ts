const padding = '# What is left of four hundred thousand characters.\n'.repeat(8_000);
const names = Array.from({ length: 85 }, (_, index) => `types${index}.yaml`);

export const files: Record<string, string> = {
  'spec.yaml': `document: DEN0137
version: 1.0-rel0
title: Realm Management Monitor specification
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
include:
  types:
${names.map((name) => `    - ${name}\n`).join('')}`,
};
for (const [index, name] of names.entries())
  files[name] =
    `C${index}: { kind: constant, section: A1, summary: One of many constants., value: 1 }\n${padding}`;
