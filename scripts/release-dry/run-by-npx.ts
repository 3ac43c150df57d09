import type { Packed } from '../pack.ts'
import { runCommand } from './run-command.ts'

/** A package and all of ours that it depends on, by name. */
export function withSiblings(name: string, packed: readonly Packed[]): Packed[] {
  const found = new Map<string, Packed>()
  const add = (wanted: string): void => {
    const member = packed.find(({ manifest }) => manifest.name === wanted)
    if (member === undefined || found.has(wanted)) return
    found.set(wanted, member)
    for (const dependency of Object.keys(member.manifest.dependencies ?? {})) add(dependency)
  }
  add(name)
  return [...found.values()]
}

/** Runs a command of a package straight from its tarball, and returns what it printed. */
export async function runByNpx(
  folder: string,
  name: string,
  command: readonly string[],
  packed: readonly Packed[],
): Promise<string> {
  const packages = withSiblings(name, packed).map(({ tarball }) => `--package=${tarball}`)
  const { stdout } = await runCommand(['npx', '--yes', ...packages, '--', ...command], {
    cwd: folder,
    limitMs: 1_800_000,
  })
  return stdout
}
