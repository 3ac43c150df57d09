import { describe, expect, it } from 'vitest'
import { keptChanges, readKept } from '../keep/saved-page.ts'
import { isComplete } from '../../../test/is-complete.ts'
import { Model } from '../model/model.ts'
import { newSamples } from '../model/samples.ts'
import { PRESETS } from './presets.ts'
import { drawPhoto } from './photo.ts'
import { DEFAULT_SETTINGS, type Settings } from './settings.ts'
import { Shelf } from './shelf.ts'
import { openWorld } from './world.ts'

const preset = PRESETS[0]!

/** A page that is left and opened again at these virtual times, ms; each time it knows what it has written. */
async function leave(
  settings: Settings,
  stays: readonly number[],
  say: (world: Awaited<ReturnType<typeof openWorld>>, stay: number) => void,
): Promise<{ model: Model; elapsedMs: number }> {
  const disk = new Map<string, Uint8Array>()
  let model = new Model()
  let elapsedMs = 0
  for (const [stay, ms] of stays.entries()) {
    const past = readKept(disk)
    model = new Model(past && { model: past.page.model, entries: past.entries })
    const shelf = new Shelf(past?.kept)
    const world = await openWorld({
      preset: { ...preset, happenings: [] },
      settings,
      shelf,
      ...(past && { past: past.page.world }),
      onEvent: (event) => model.take(event),
    })
    say(world, stay)
    await world.advance(ms)
    elapsedMs = world.elapsedMs
    const page = {
      preset: preset.id,
      world: world.save(),
      model: model.save(),
      samples: newSamples(),
      graph: [],
    }
    for (const { key, value } of keptChanges({
      page,
      entries: model.takeChanges(),
      stores: shelf.take(),
    }))
      if (value === undefined) disk.delete(key)
      else disk.set(key, value)
    await world.close()
  }
  return { model, elapsedMs }
}

describe('a world that is left and opened again', () => {
  it('finishes a photo that was half-way, and loses and doubles nothing', async () => {
    const photo = drawPhoto()
    const settings = { ...DEFAULT_SETTINGS, chatter: 0, segmentSizeBytes: 16_384, quota: 40 }
    const { model, elapsedMs } = await leave(settings, [12_000, 9_000, 15_000, 150_000], (world, stay) => {
      if (stay === 0) world.say('alice', { kind: 'file', name: 'hills.bmp', bytes: photo })
      if (stay === 1) world.say('carol', { kind: 'text', text: 'Between two reloads.' })
    })
    expect(elapsedMs).toBe(186_000)
    expect(isComplete(model)).toBe(true)
    expect(model.totals).toMatchObject({ said: 10, heard: 20, doubled: 0 })
    const entry = [...model.entries.values()].find(({ message }) => message.kind === 'file')!
    expect(entry.message.bytes).toEqual(photo)
    expect(entry.status).toMatchObject({ state: 'delivered' })
  })
})
