// The rules of the house that a machine can check, each a pure function from the project's files to what breaks it.
import { posix } from 'node:path';
import { codeOf, importsOf } from './source.ts';

/** Path from the repository's root (with `/`) → text. */
export type Project = ReadonlyMap<string, string>;
export type Rule = (project: Project) => string[];

/** A room imports only rooms to its left; those of the last place stand side by side. */
const ROOMS = [
  ['kernel'],
  ['stores'],
  ['collect'],
  ['understand'],
  ['reach'],
  ['decide'],
  ['prove'],
  ['http', 'cli', 'demo'],
];
const COMPOSITION_ROOT = 'src/app.ts';
/** Where adapters are chosen: the app in its parts, and the throw-away store of commands that only read a file. */
const COMPOSITION_ROOTS = new Set([
  COMPOSITION_ROOT,
  'src/open-stores.ts',
  'src/ways-out.ts',
  'src/social-networks.ts',
  'src/scratch.ts',
]);
const DOORS = new Set([...COMPOSITION_ROOTS, 'src/main.ts', 'src/config.ts']);

const placeOf = (path: string): number => ROOMS.findIndex((rooms) => rooms.includes(path.split('/')[1] ?? ''));
const isTest = (path: string): boolean => path.endsWith('.test.ts');
const sources = (project: Project): [string, string][] =>
  [...project].filter(([path]) => path.startsWith('src/') && path.endsWith('.ts'));
const targetOf = (path: string, from: string): string => posix.join(posix.dirname(path), from);

/** `file → imported project file`, for relative imports. */
function* relativeImports(path: string, text: string): Generator<{ target: string; names: readonly string[] }> {
  for (const { from, names } of importsOf(text))
    if (from.startsWith('.')) yield { target: targetOf(path, from), names };
}

export const importOrder: Rule = (project) =>
  sources(project).flatMap(([path, text]) => {
    if (DOORS.has(path)) return [];
    const place = placeOf(path);
    if (place < 0) return [`${path}: stands in no room`];
    return [...relativeImports(path, text)].flatMap(({ target }) => {
      if (isTest(path) && target.startsWith('test/')) return [];
      if (!project.has(target)) return [`${path}: imports ${target}, which is not there`];
      if (DOORS.has(target))
        return place === ROOMS.length - 1 || isTest(path) ? [] : [`${path}: a room does not know ${target}`];
      if (!target.startsWith('src/')) return [`${path}: imports ${target} from outside src`];
      return placeOf(target) > place ? [`${path}: imports ${target} from a room to its right`] : [];
    });
  });

export const noCycles: Rule = (project) => {
  const edges = new Map(
    sources(project).map(([path, text]) => [path, [...relativeImports(path, text)].map(({ target }) => target)]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' → '));
    if (start >= 0 || done.has(path)) return;
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
};

/** What the stores export as `open…` and the channels as `…Channel`: only the composition root chooses among them. */
const ADAPTERS = [
  { home: 'src/stores/', factory: /\bexport\s+(?:async\s+)?(?:function|const)\s+(open[A-Z]\w*)/g },
  { home: 'src/reach/channels/', factory: /\bexport\s+(?:async\s+)?(?:function|const)\s+(\w+Channel)\b/g },
] as const;
const adapterHome = (path: string): (typeof ADAPTERS)[number] | undefined =>
  ADAPTERS.find(({ home }) => path.startsWith(home));

export const adaptersInOnePlace: Rule = (project) => {
  const adapters = new Map<string, readonly string[]>();
  for (const [path, text] of sources(project)) {
    const home = adapterHome(path);
    if (home)
      adapters.set(
        path,
        [...codeOf(text).matchAll(home.factory)].map((match) => match[1] ?? ''),
      );
  }
  return sources(project).flatMap(([path, text]) => {
    if (COMPOSITION_ROOTS.has(path) || isTest(path)) return [];
    return [...relativeImports(path, text)].flatMap(({ target, names }) => {
      if (adapterHome(path) === adapterHome(target)) return [];
      const made = adapters.get(target) ?? [];
      return names
        .filter((name) => made.includes(name) || (name === '*' && made.length > 0))
        .map((name) => `${path}: names the adapter ${name}; only ${COMPOSITION_ROOT} does`);
    });
  });
};

/** A driver is spoken to in one place, so that replacing it is one place. */
const HOMES: Readonly<Record<string, string>> = {
  pg: 'src/stores/records/',
  '@electric-sql/pglite': 'src/stores/records/',
  chdb: 'src/stores/events/',
  '@clickhouse/client': 'src/stores/events/',
  'pg-boss': 'src/stores/',
  nodemailer: 'src/reach/channels/',
  'smtp-server': 'src/reach/channels/',
};
export const driversAtHome: Rule = (project) =>
  sources(project).flatMap(([path, text]) =>
    importsOf(text).flatMap(({ from }) => {
      const home = Object.entries(HOMES).find(([name]) => from === name || from.startsWith(`${name}/`));
      return home === undefined || isTest(path) || path.startsWith(home[1])
        ? []
        : [`${path}: speaks to ${from}; ${home[1]} does`];
    }),
  );

const PURE_ROOMS = /^src\/(?:kernel|understand|reach|decide|prove)\//;
const IMPURE_LAYER = /\.(?:service|routes|jobs|sql|test)\.ts$/;
/** Where the kernel gets time and randomness from, and the adapters that talk to the world. */
const IMPURE_BY_NATURE = [/^src\/kernel\/clock\.ts$/, /^src\/kernel\/ids\.ts$/, /^src\/reach\/channels\//];
const PURE_MODULES = new Set(['node:crypto', 'node:buffer', 'node:assert', 'node:util']);
const IMPURITIES: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(|\bnew Date\(\s*\)|\bTemporal\.Now\b|\bperformance\.now\(|\bhrtime\b/, 'reads the clock'],
  [/\bMath\.random\b|\brandom(?:UUID|Bytes|Int)\b|\bgetRandomValues\b/, 'draws randomness'],
  [/\bprocess\s*\.|\bconsole\s*\.|\bfetch\s*\(|\bset(?:Timeout|Interval|Immediate)\s*\(/, 'does I/O'],
];
export const pureFiles: Rule = (project) =>
  sources(project).flatMap(([path, text]) => {
    if (!PURE_ROOMS.test(path) || IMPURE_LAYER.test(path) || IMPURE_BY_NATURE.some((place) => place.test(path)))
      return [];
    const code = codeOf(text);
    const found = IMPURITIES.filter(([pattern]) => pattern.test(code)).map(([, what]) => `${path}: ${what}`);
    const modules = importsOf(text).filter(({ from }) => from.startsWith('node:') && !PURE_MODULES.has(from));
    return [...found, ...modules.map(({ from }) => `${path}: imports ${from}`)];
  });

const FORCED: readonly (readonly [RegExp, string])[] = [
  [/\bas\s+unknown\s+as\b/, 'forces a type (as unknown as)'],
  [/(?::|\bas|<|\|)\s*any\b/, 'uses any'],
  [/\bexport\s+default\b/, 'has a default export'],
];
export const noForcedTypes: Rule = (project) =>
  [...project]
    .filter(([path]) => /^(?:src|test|bench)\/.*\.ts$/.test(path))
    .flatMap(([path, text]) => {
      const code = codeOf(text);
      const found = FORCED.filter(([pattern]) => pattern.test(code)).map(([, what]) => `${path}: ${what}`);
      const silenced = /^\s*(?:\/\/|\/?\*+)\s*@ts-(?:ignore|nocheck)\b/m.test(text);
      return silenced ? [...found, `${path}: silences the compiler`] : found;
    });

const VAGUE = /(?:^|[-./])(?:utils?|helpers?|common|misc|managers?|index)(?=[-./]|$)/;
export const names: Rule = (project) =>
  [...project.keys()]
    .filter((path) => /^(?:src|test|bench)\/.*\.ts$/.test(path))
    .flatMap((path) => {
      const parts = path.replace(/\.ts$/, '').split('/');
      const found = parts.some((part) => VAGUE.test(part)) ? [`${path}: the name says nothing`] : [];
      const kebab = parts.every((part) => /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(part));
      return kebab ? found : [...found, `${path}: not in kebab-case`];
    });

export const noBarrels: Rule = (project) =>
  sources(project).flatMap(([path, text]) =>
    importsOf(text)
      .filter(({ reExport, from }) => reExport && from.startsWith('.'))
      .map(({ from }) => `${path}: passes on ${from}; import it where it is`),
  );

/** The console is a client: it may know the contract of the API, and nothing else of ours. */
export const consoleKnowsTheContract: Rule = (project) =>
  [...project]
    .filter(([path]) => /^console\/.*\.tsx?$/.test(path))
    .flatMap(([path, text]) =>
      [...relativeImports(path, text)]
        .filter(({ target }) => target.startsWith('src/') && !/^src\/http\/contract(?:\.ts$|\/)/.test(target))
        .map(({ target }) => `${path}: imports ${target}; only the HTTP contract is shared`),
    );

const MACHINE = [
  [/(?<![\w.~-])\/(?:home|root|work|Users|mnt|workspace)\/[\w.]/, 'names a path of somebody’s machine'],
  [/\b(?:artifactory|verdaccio|nexus)\b|_authToken|\/\/registry\.[\w.]+/i, 'names a package registry'],
] as const;
/** The repository speaks of itself, never of the machine it was written on. */
export const nothingOfTheWorkplace: Rule = (project) =>
  [...project]
    .filter(([path]) => !path.startsWith('test/architecture/'))
    .flatMap(([path, text]) => MACHINE.filter(([pattern]) => pattern.test(text)).map(([, what]) => `${path}: ${what}`));

export const RULES: Readonly<Record<string, Rule>> = {
  'a room imports only rooms to its left': importOrder,
  'no import cycle': noCycles,
  'adapters are chosen in app.ts only': adaptersInOnePlace,
  'drivers are spoken to in one place': driversAtHome,
  'pure files have no clock, randomness or I/O': pureFiles,
  'no forced types, no default exports': noForcedTypes,
  'names say what a file holds': names,
  'no barrels': noBarrels,
  'the console knows only the contract': consoleKnowsTheContract,
  'nothing of the workplace is written down': nothingOfTheWorkplace,
};
