import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { npmInstall } from '../npm-install.ts'
import type { Packed } from '../pack.ts'
import { pnpmCommand } from '../pack.ts'
import { runCommand } from './run-command.ts'

/** Longest installation, ms. */
const INSTALL_LIMIT_MS = 1_800_000

/** What leads to the tarball of each package of ours, whoever asks for it: it is not in the registry yet. */
export function tarballsOf(packed: readonly Packed[]): Record<string, string> {
  return Object.fromEntries(packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))
}

/** Names and ranges of packages, with tarballs in place of what is ours, and the newest of what has no range. */
export function dependenciesOf(
  wanted: ReadonlyMap<string, string>,
  packed: readonly Packed[],
): Record<string, string> {
  const tarballs = tarballsOf(packed)
  return Object.fromEntries(
    [...wanted].map(([name, range]) => [name, tarballs[name] ?? (range === '' ? 'latest' : range)]),
  )
}

function writeProject(folder: string, manifest: object): void {
  mkdirSync(folder, { recursive: true })
  const whole = { name: 'plain-project', private: true, type: 'module', ...manifest }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(whole, null, 2))
}

/** Makes a project and has npm install `wanted` there, by name and range (`''`: the newest). */
export async function npmProject(
  folder: string,
  wanted: ReadonlyMap<string, string>,
  packed: readonly Packed[],
): Promise<void> {
  writeProject(folder, {
    dependencies: dependenciesOf(wanted, packed),
    overrides: tarballsOf(packed),
  })
  await runCommand([...npmInstall(folder), '--prefer-offline'], {
    cwd: dirname(folder),
    limitMs: INSTALL_LIMIT_MS,
  })
}

/**
 * Makes projects side by side under `folder` and has pnpm install there as strictly as it can: a package finds what its own
 * `package.json` names, and no peer is installed unasked.
 */
export async function strictProjects(
  folder: string,
  projects: ReadonlyMap<string, ReadonlyMap<string, string>>,
  packed: readonly Packed[],
): Promise<void> {
  writeProject(folder, {})
  for (const [name, wanted] of projects) {
    writeProject(join(folder, name), { name, dependencies: dependenciesOf(wanted, packed) })
  }
  const settings = {
    packages: ['*'],
    overrides: tarballsOf(packed),
    // `@waku/*` imports what it does not name; ours may not.
    hoistPattern: ['*', '!@reliable-channels/*'],
    autoInstallPeers: false,
    // None of what is needed here has to be built.
    ignoreScripts: true,
  }
  // YAML reads JSON.
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), JSON.stringify(settings, null, 2))
  await runCommand([...pnpmCommand(), 'install', '--no-frozen-lockfile', '--prefer-offline'], {
    cwd: folder,
    limitMs: INSTALL_LIMIT_MS,
  })
}
