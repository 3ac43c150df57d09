import { bundleLimits } from '../../../scripts/bundle-limits.ts'

/** The table of what each entry of a package may weigh in an application's bundle, as the gate `size` holds it. */
export function bundleSizesTable(): string {
  const rows = bundleLimits.map(({ name, limit }) => `| \`@reliable-channels/${name}\` | ${limit} |`)
  return ['| entry | at most |', '| --- | --- |', ...rows].join('\n')
}
