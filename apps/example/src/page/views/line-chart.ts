import uPlot from 'uplot'
import uplotStyle from 'uplot/dist/uPlot.min.css?inline'
import { adoptStyle } from '../adopt-style.ts'
import { type Palette, followPalette } from './palette.ts'

adoptStyle(uplotStyle)

const HEIGHT_PX = 130
/** A chart is drawn anew so often, ms. */
const DRAW_EVERY_MS = 500
/** Charts that stand beside each other: not all are drawn in one frame. */
const TURNS = 4
let turn = 0

/** Draws lines over time into an element, until the function that comes back is called. */
export function lineChart(
  element: HTMLElement,
  {
    lines,
    data,
  }: {
    readonly lines: readonly { readonly label: string; readonly token: 'accent' | 'again' }[]
    readonly data: () => readonly (readonly (number | null)[])[]
  },
): () => void {
  // Asking for a colour has the page's style worked out: it is asked for when it may be another.
  let palette!: Palette
  const unfollow = followPalette(element, (now) => (palette = now))
  const axis = {
    stroke: () => palette.muted,
    grid: { stroke: () => palette.line, width: 1 },
    ticks: { show: false },
  }
  const chart = new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false } },
      axes: [
        { ...axis, size: 26, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
        { ...axis, size: 48 },
      ],
      series: [
        {},
        ...lines.map(({ label, token }) => ({
          label,
          width: 2,
          stroke: () => (token === 'accent' ? palette.kinds.content : palette.kinds.retransmission),
          points: { show: false },
        })),
      ],
    },
    copy(),
    element,
  )
  function copy(): uPlot.AlignedData {
    return data() as unknown as uPlot.AlignedData
  }
  const resizing = new ResizeObserver(() => {
    if (element.clientWidth !== chart.width) chart.setSize({ width: element.clientWidth, height: HEIGHT_PX })
  })
  resizing.observe(element)
  const draw = (): void => {
    timer = setTimeout(draw, DRAW_EVERY_MS)
    chart.setData(copy())
  }
  let timer = setTimeout(draw, (DRAW_EVERY_MS * (turn++ % TURNS)) / TURNS)
  return () => {
    clearTimeout(timer)
    resizing.disconnect()
    unfollow()
    chart.destroy()
  }
}
