/**
 * The architecture, as rules (docs/architecture.md says why). Each says what a folder may not import.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */

/** A folder of the generator sees itself and what is listed, nothing else of the project. */
const sees = (folder, ...others) => ({
  name: `${folder.replaceAll('/', '-')}-sees-${others.join('-').replaceAll('/', '-') || 'nothing'}`,
  severity: 'error',
  from: { path: `^generator/${folder}/` },
  to: {
    path: '^(generator|runtime|tools|cli|generated)/',
    pathNot: [folder, ...others].map((one) => `^generator/${one}${one.endsWith('.ts') ? '$' : '/'}`),
  },
});

/** A package is used in one place, so that it can be replaced there. */
const only = (users, library) => ({
  name: `${library}-has-its-place`,
  comment: `${library} is used in ${users} only`,
  severity: 'error',
  from: { path: '^(generator|runtime|tools|cli|generated)/', pathNot: `^(${users})` },
  to: { path: `(^|/)node_modules/${library}/` },
});

const forbid = (name, from, to, more = {}) => ({ name, severity: 'error', from, to, ...more });

module.exports = {
  forbidden: [
    // generator: diagnostics <- model <- { expressions, load } <- check <- index
    sees('diagnostics'),
    sees('model', 'diagnostics'),
    sees('expressions', 'model', 'diagnostics'),
    sees('load', 'model', 'diagnostics'),
    sees('check', 'load', 'expressions', 'model', 'diagnostics'),
    sees('draw', 'model', 'diagnostics'),
    sees('pages', 'draw', 'model', 'diagnostics'),
    // An emitter turns the model into text. It knows neither the others nor how the model came to be.
    sees('emit/schema', 'emit/output.ts'),
    sees('emit/typescript', 'emit/output.ts', 'model', 'diagnostics', 'draw'),
    sees('emit/docs', 'emit/output.ts', 'model', 'diagnostics', 'draw', 'pages'),
    sees('emit/targets', 'emit/output.ts', 'model', 'diagnostics', 'draw'),

    // The runtime is checked by what the generator makes of the document, so neither may know the other.
    forbid('generator-stands-alone', { path: '^generator/' }, { path: '^(runtime|tools|cli|generated)/' }),
    forbid('runtime-stands-alone', { path: '^runtime/' }, { path: '^(generator|tools|cli)/' }),
    forbid('bits-needs-nothing', { path: '^runtime/bits/' }, { pathNot: '^runtime/bits/' }),
    forbid(
      'conditions-need-bits',
      { path: '^runtime/conditions/' },
      { pathNot: '^runtime/(conditions|bits)/' },
    ),
    // A version passes on what it shares with another.
    forbid(
      'generated-accessors-need-bits',
      { path: '^generated/[^/]+/typescript/' },
      { pathNot: ['^generated/[^/]+/typescript/', '^runtime/bits/'] },
    ),
    forbid(
      'generated-conditions-need-accessors',
      { path: '^generated/([^/]+)/conditions/' },
      { pathNot: ['^generated/$1/', '^runtime/(bits|conditions)/'] },
    ),
    forbid(
      'devices-meet-in-machine',
      { path: '^runtime/(rmm|gic|realm|executors|host|attestation)/' },
      { path: '^runtime/(rmm|gic|realm|executors|host|attestation)/', pathNot: '^runtime/$1/' },
    ),
    forbid(
      'machine-knows-no-device',
      { path: '^runtime/machine/' },
      { path: '^runtime/(rmm|gic|realm|executors|host|attestation)/' },
    ),

    forbid('tools-stand-apart', { path: '^tools/([^/]+)' }, { path: '^(cli/|tools/)', pathNot: '^tools/$1' }),
    forbid(
      'only-cli-touches-the-machine',
      { path: '^(generator|runtime|tools|generated)/' },
      { dependencyTypes: ['core'] },
      { comment: 'Everything but cli runs in a browser as well.' },
    ),

    only('generator/load/yaml\\.ts', 'yaml'),
    only('generator/load/|generator/emit/schema/', 'zod'),
    only('generator/emit/typescript/', 'ts-morph'),
    only('generator/emit/targets/', 'handlebars'),
    only('runtime/attestation/', '@noble/curves'),
    only('runtime/attestation/|tools/token/', 'cborg'),
    only('cli/', 'commander'),
    only('cli/', 'chokidar'),
    only('cli/', 'picocolors'),
    only('cli/', 'diff'),

    forbid('no-circles', { pathNot: '^generated/' }, { circular: true }),
    forbid(
      'no-circles-but-of-types',
      { path: '^generated/' },
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid('all-resolves', {}, { couldNotResolve: true }),
    forbid(
      'shipped-code-needs-no-dev-dependency',
      { path: '^(generator|runtime|tools|cli|generated)/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
