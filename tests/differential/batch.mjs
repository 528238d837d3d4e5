// Runs many cases through the installed openspec package in one process: the package's own commands, called as
// its command line calls them, without paying for a start each time.
//
//   node batch.mjs PACKAGE_DIRECTORY < cases.jsonl > results.jsonl
//
// A case is {"root": DIR, "archive": [CHANGE, ...]}. Its result holds the items of `validate --all`, with and
// without --strict, and per change what `archive --yes --json` did to the main specs. The tree is put back after
// every archive, so each change meets the same specs.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';

const dist = path.join(process.argv[2], 'dist');
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { ValidateCommand } = await load('commands/validate.js');
const { ArchiveCommand } = await load('core/archive.js');

const write = process.stdout.write.bind(process.stdout);
console.warn = console.error = () => {};
process.emitWarning = () => {};

async function printed(action) {
  const lines = [];
  const log = console.log;
  console.log = (text = '') => lines.push(String(text));
  try {
    await action();
  } catch (error) {
    return { threw: String(error && error.message) };
  } finally {
    console.log = log;
  }
  try {
    return JSON.parse(lines.join('\n'));
  } catch {
    return { threw: lines.join('\n') };
  }
}

async function validate(strict) {
  const report = await printed(() => new ValidateCommand().execute(undefined, { all: true, strict, json: true }));
  if (!report.items) return report;
  return report.items.map(({ id, type, valid, issues }) => ({
    id,
    type,
    valid,
    issues: issues.map(({ level, path: at, line, message }) => ({ level, path: at, line: line ?? null, message })),
  }));
}

function files(directory, found = new Map()) {
  for (const entry of fs.existsSync(directory) ? fs.readdirSync(directory, { withFileTypes: true }) : []) {
    const at = path.join(directory, entry.name);
    if (entry.isDirectory()) files(at, found);
    else if (entry.isFile()) found.set(at, fs.readFileSync(at));
  }
  return found;
}

async function archive(root, name) {
  const specs = path.join(root, 'openspec', 'specs');
  const changes = path.join(root, 'openspec', 'changes');
  const before = files(specs);
  const report = await printed(() => new ArchiveCommand().execute(name, { yes: true, json: true }));
  const after = files(specs);
  const written = {};
  for (const [file, bytes] of after) {
    if (!before.get(file)?.equals(bytes)) written[path.relative(specs, file)] = bytes.toString('base64');
  }
  const deleted = [...before.keys()].filter((file) => !after.has(file)).map((file) => path.relative(specs, file));
  for (const file of after.keys()) if (!before.has(file)) fs.rmSync(file);
  for (const [file, bytes] of before) {
    if (after.get(file)?.equals(bytes)) continue;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bytes);
  }
  const moved = report.archive?.archivedAs;
  if (moved) fs.renameSync(path.join(changes, 'archive', moved), path.join(changes, name));
  return { refused: !report.archive, why: report.status?.[0]?.message ?? report.threw ?? null, written, deleted };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { root, archive: names } = JSON.parse(line);
  process.chdir(root);
  const result = { root, lenient: await validate(false), strict: await validate(true), archives: {} };
  for (const name of names) result.archives[name] = await archive(root, name);
  write(JSON.stringify(result) + '\n');
}
process.exitCode = 0;
