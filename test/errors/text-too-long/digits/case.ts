export const files = {
  'types.yaml': `RMI_ABI_MAJOR:
  kind: constant
  section: B4.4.1
  summary: Major version of the ABI.
  value: ${'9'.repeat(400_000)}
`,
};
