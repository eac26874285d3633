export const files = {
  'types.yaml': `RmiRecMpidr:
  kind: alias
  section: B4.4.18
  summary: "${'An MPIDR value, as the Host gives it. '.repeat(10_000)}"
  type: Bits64
`,
};
