import { PRESETS } from '../../../apps/example/src/page/world/presets.ts'

/** The situations of the example's page, each with what to look for and a picture of it. */
export function presetsText(): string {
  return PRESETS.map(
    ({ id, title, story }) =>
      `## ${title}\n\n${story}\n\n![${title}: three people chat, and the page shows each frame on its way.](../../../apps/example/screenshots/${id}-1440.webp)`,
  ).join('\n\n')
}
