import { accessorRows, columns } from './accessors.js';
import { conditionColumns, conditionRows } from './conditions.js';
import { generatorTable } from './generator.js';
import { gicColumns, gicRates, gicRows } from './gic.js';
import { goals, machine, measure, table } from './measure.js';
import { questionsTable } from './questions.js';
import { simulatorTable } from './simulator.js';

/** Prints the measurements as Markdown; `npm run bench -- TEXT` measures only rows whose name has the text in it. */
const wanted = process.argv[2] ?? '';
const tables = [
  { rows: accessorRows(), columns },
  { rows: conditionRows(), columns: conditionColumns },
];
process.stdout.write(
  `${machine()}\n\nNanoseconds for one operation; in brackets, how many times the first column with a figure.\n\n`,
);
for (const { rows, columns } of tables) {
  const measured = rows.filter((row) => row.name.includes(wanted)).map(measure);
  if (measured.length > 0) process.stdout.write(`${table(measured, columns)}\n${goals(measured)}\n`);
}
const gic = gicRows()
  .filter((row) => row.name.includes(wanted))
  .map(measure);
if (gic.length > 0) process.stdout.write(`${table(gic, gicColumns)}\n${gicRates(gic)}\n`);
process.stdout.write(simulatorTable(wanted));
process.stdout.write(questionsTable(wanted));
process.stdout.write(await generatorTable(wanted));
