export const files = {
  'spec.yaml': `document: DEN0137
version: 1.0-rel0
title: Realm Management Monitor specification
interfaces:
  RMI: { section: B4, version: "1.0", fids: [{ first: 0xC4000150, last: 0xC400018F }] }
include:
  types: [types.yaml]
`,
};

export const refused = { 'types.yaml': 'it is a link that leads out of the folder' };
