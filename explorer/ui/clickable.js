// Shows a picture and tells Python which place was clicked, tapped, or reached with the arrow keys.

const LAST = 1 - 1e-6 // a place on the far edge belongs to the last pixel
const PAUSE = 120 // milliseconds: a held arrow key asks once, where it stopped

const views = new WeakMap() // what is kept of each instance between runs

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  let view = views.get(parentElement)
  if (!view) {
    view = start(parentElement)
    views.set(parentElement, view)
  }
  view.send = (x, y) => setTriggerValue("click", { x, y })
  show(view, data)
}

function start(root) {
  const sheet = root.querySelector(".sheet")
  const view = { sheet, image: sheet.querySelector("img"), png: null, asked: null, outlines: [] }
  sheet.onclick = (event) => {
    const box = view.image.getBoundingClientRect()
    const x = (event.clientX - box.left) / box.width
    const y = (event.clientY - box.top) / box.height
    choose(view, within(x), within(y), 0)
  }
  sheet.onkeydown = (event) => key(view, event)
  return view
}

function show(view, data) {
  if (view.png !== data.png) {
    view.png = data.png
    view.image.src = `data:image/png;base64,${data.png}`
  }
  view.image.classList.toggle("pixelated", data.pixelated)
  view.sheet.setAttribute("aria-label", data.label)
  view.sheet.style.maxWidth = data.width ? `${data.width}px` : ""
  view.sheet.style.minWidth = data.least ? `${data.least}px` : ""
  view.step = data.step
  view.marker = data.marker
  view.at = data.marker && middle(data.marker)
  draw(view, data.boxes)
}

function draw(view, boxes) {
  view.outlines.forEach((each) => each.remove())
  view.outlines = boxes.map((edges) => outline(view, edges, "box"))
  if (view.marker) {
    view.chosen = outline(view, view.marker, "marker")
    view.outlines.push(view.chosen)
  }
}

function outline(view, edges, kind) {
  const made = document.createElement("div")
  made.className = `outline ${kind}`
  place(made, edges)
  view.sheet.append(made)
  return made
}

function place(element, [top, left, bottom, right]) {
  // By its middle, so that one too small to be seen grows around its place.
  element.style.top = `${50 * (top + bottom)}%`
  element.style.left = `${50 * (left + right)}%`
  element.style.height = `${100 * (bottom - top)}%`
  element.style.width = `${100 * (right - left)}%`
}

function middle([top, left, bottom, right]) {
  return [(left + right) / 2, (top + bottom) / 2]
}

function within(fraction) {
  return Math.min(LAST, Math.max(0, fraction))
}

function choose(view, x, y, pause) {
  clearTimeout(view.waiting)
  view.waiting = setTimeout(() => view.send(x, y), pause)
}

function key(view, event) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
  const move = moves[event.key]
  if (!move || event.ctrlKey || event.metaKey || event.altKey) {
    return
  }
  event.preventDefault()
  const from = view.at || [0.5, 0.5]
  const [wide, tall] = view.step || size(view.marker)
  const to = [from[0] + move[0] * wide, from[1] + move[1] * tall]
  if (to.some((each) => each < 0 || each > 1)) {
    return // the edge
  }
  view.at = to
  if (view.marker) {
    view.marker = moved(view.marker, to[0] - from[0], to[1] - from[1])
    place(view.chosen, view.marker)
  }
  choose(view, ...to, PAUSE)
}

function size(marker) {
  return marker ? [marker[3] - marker[1], marker[2] - marker[0]] : [0.05, 0.05]
}

function moved([top, left, bottom, right], x, y) {
  return [top + y, left + x, bottom + y, right + x]
}
