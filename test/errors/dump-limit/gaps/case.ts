export const files = {
  'dump.txt': Array.from(
    { length: 4097 },
    (_, index) => `${(index * 32).toString(16).padStart(8, '0')}: 0500\n`,
  ).join(''),
};
