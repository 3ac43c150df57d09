import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { readPalette } from './palette.ts'

const HEIGHT_PX = 130
/** A chart is drawn anew so often, ms. */
const DRAW_EVERY_MS = 500

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
  const palette = (): ReturnType<typeof readPalette> => readPalette(element)
  const axis = {
    stroke: () => palette().muted,
    grid: { stroke: () => palette().line, width: 1 },
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
          stroke: () => (token === 'accent' ? palette().kinds.content : palette().kinds.retransmission),
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
  const timer = setInterval(() => {
    const { clientWidth } = element
    if (clientWidth !== chart.width) chart.setSize({ width: clientWidth, height: HEIGHT_PX })
    chart.setData(copy())
  }, DRAW_EVERY_MS)
  return () => {
    clearInterval(timer)
    chart.destroy()
  }
}
