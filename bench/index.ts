import { accessorRows, columns } from './accessors.js';
import { goals, machine, measure, table } from './measure.js';

/** Prints the measurements as Markdown; `npm run bench -- TEXT` measures only rows whose name has the text in it. */
const wanted = process.argv[2] ?? '';
const rows = accessorRows().filter((row) => row.name.includes(wanted));
const measured = rows.map(measure);
process.stdout.write(
  `${machine()}\n\nNanoseconds for one operation; in brackets, how many times the first column with a figure.\n\n`,
);
process.stdout.write(`${table(measured, columns)}\n${goals(measured)}`);
