import { describe, expect, it } from 'vitest'
import { PRESETS } from '../world/presets.ts'
import { openWorld } from '../world/world.ts'
import { Graph } from './graph.ts'
import { graphText } from './graph-text.ts'

describe('the causal graph', () => {
  it('shows holes where a copy was lost, and later that they are repaired', async () => {
    const graph = new Graph()
    const holes: string[] = []
    const world = await openWorld({ preset: PRESETS[0]!, onEvent: (event) => graph.take(event) })
    for (let step = 0; step < 130; step++) {
      await world.advance(100)
      holes.push(...['alice', 'bob', 'carol'].filter((peer) => hasHole(graph, peer as 'alice')))
    }
    expect(holes.length).toBeGreaterThan(0)
    await world.change({ ...world.settings, chatter: 0 })
    await world.advance(60_000)
    const nodes = graph.latest(8)
    expect(nodes.slice(1).every(({ after }) => after.length > 0)).toBe(true)
    expect(graphText(nodes, 'carol')).toMatch(/^8 of 8 messages, [1-9] repaired, 0 missing$/)
    await world.close()
  })
})

const hasHole = (graph: Graph, peer: 'alice' | 'bob' | 'carol'): boolean =>
  !graphText(graph.latest(18), peer).endsWith(' 0 missing')
