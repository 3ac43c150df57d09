/** Takes the place of `react-dom/client` in the page. */
import { type ComponentChild, type ContainerNode, render } from 'preact'

/** The root of a page. */
export function createRoot(parent: ContainerNode): { render: (child: ComponentChild) => void } {
  return { render: (child) => render(child, parent) }
}
