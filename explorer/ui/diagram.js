// Shows a drawing of a network: zoom, pan, keyboard, and clicks that go back to Python.
// The drawing comes as SVG whose nodes carry data-id and data-do ("open", "close", "select").

const SMALLEST = 0.15
const LARGEST = 3
const STEP = 1.25
const LEGIBLE = 0.8 // what is not asked to fit is not made smaller than this
const DRAG = 4 // pixels a pointer may move before a click counts as a drag

const views = new WeakMap() // what is kept of each instance between runs

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  let view = views.get(parentElement)
  if (!view) {
    view = start(parentElement)
    views.set(parentElement, view)
  }
  view.send = (action, id) => setTriggerValue("action", { action, id })
  show(view, data)
  return () => view.resized.disconnect()
}

function start(root) {
  const view = {
    window: root.querySelector(".window"),
    stage: root.querySelector(".stage"),
    legend: root.querySelector(".legend"),
    percent: root.querySelector(".percent"),
    scale: 1,
    fits: true,
    least: LEGIBLE,
    drawn: null,
    asked: null, // the node a person has just opened or closed: it stays where it is
    pointers: new Map(),
    moved: false,
  }
  for (const button of root.querySelectorAll("[data-zoom]")) {
    button.onclick = () => zoomBy(view, button.dataset.zoom)
  }
  view.window.addEventListener("wheel", (event) => wheel(view, event), { passive: false })
  view.window.onkeydown = (event) => key(view, event)
  view.window.onclick = (event) => click(view, event)
  listenToPointers(view)
  view.resized = new ResizeObserver(() => view.fits && fit(view))
  view.resized.observe(view.window)
  return view
}

function show(view, data) {
  view.window.setAttribute("aria-label", data.label)
  if (view.legend.dataset.of !== data.legend) {
    view.legend.innerHTML = data.legend
    view.legend.dataset.of = data.legend
  }
  if (view.drawn !== data.svg) {
    draw(view, data)
  }
  for (const node of nodes(view)) {
    node.classList.toggle("chosen", node.dataset.id === data.chosen)
    node.setAttribute("aria-pressed", String(node.dataset.id === data.chosen))
  }
}

function draw(view, data) {
  const asked = view.asked && find(view, view.asked.id)
  const before = asked ? asked.getBoundingClientRect() : null
  const another = view.network !== data.network
  view.stage.innerHTML = data.svg
  view.drawn = data.svg
  view.network = data.network
  view.svg = view.stage.querySelector("svg")
  view.width = view.svg.viewBox.baseVal.width
  view.height = view.svg.viewBox.baseVal.height
  if (another) {
    view.fits = true
    view.least = LEGIBLE
  }
  if (view.fits) {
    fit(view)
  } else {
    resize(view, view.scale)
  }
  if (another) {
    view.window.scrollTo(0, 0)
    centre(view, view.svg.querySelector(".start"))
  }
  sortForKeyboard(view)
  const now = view.asked && find(view, view.asked.id)
  if (now && before) {
    const after = now.getBoundingClientRect()
    view.window.scrollLeft += after.left + after.width / 2 - before.left - before.width / 2
    view.window.scrollTop += after.top - before.top
    if (view.asked.focused) {
      focus(view, now)
    }
  }
  view.asked = null
}

// --- zoom

function fit(view) {
  if (view.svg && view.window.clientWidth > 0) {
    resize(view, Math.max(view.least, Math.min(1.15, view.window.clientWidth / view.width)))
    view.fits = true
  }
}

function centre(view, node) {
  const box = node.getBoundingClientRect()
  const from = view.window.getBoundingClientRect()
  view.window.scrollLeft += box.left + box.width / 2 - from.left - from.width / 2
}

function resize(view, scale) {
  view.scale = Math.min(LARGEST, Math.max(SMALLEST, scale))
  view.svg.setAttribute("width", view.width * view.scale)
  view.svg.setAttribute("height", view.height * view.scale)
  view.percent.textContent = `${Math.round(view.scale * 100)} %`
}

function zoomAt(view, scale, x, y) {
  // The point of the drawing under (x, y) of the window stays there.
  const old = view.scale
  const box = view.svg.getBoundingClientRect()
  const from = view.window.getBoundingClientRect()
  const inside = [(from.left + x - box.left) / old, (from.top + y - box.top) / old]
  resize(view, scale)
  view.fits = false
  const now = view.svg.getBoundingClientRect()
  view.window.scrollLeft += now.left + inside[0] * view.scale - from.left - x
  view.window.scrollTop += now.top + inside[1] * view.scale - from.top - y
}

function zoomBy(view, what) {
  if (what === "width") {
    view.least = SMALLEST
    fit(view)
  } else if (what === "all") {
    const room = [view.window.clientWidth / view.width, view.window.clientHeight / view.height]
    resize(view, Math.min(1.15, ...room))
    view.fits = false
  } else {
    const factor = what === "in" ? STEP : 1 / STEP
    const middle = [view.window.clientWidth / 2, view.window.clientHeight / 2]
    zoomAt(view, view.scale * factor, ...middle)
  }
}

function wheel(view, event) {
  if (!event.ctrlKey && !event.metaKey) {
    return // an ordinary wheel scrolls
  }
  event.preventDefault()
  const box = view.window.getBoundingClientRect()
  const factor = Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002))
  zoomAt(view, view.scale * factor, event.clientX - box.left, event.clientY - box.top)
}

// --- pointers: a mouse drags the drawing, two fingers pinch it, one finger scrolls as anywhere

function listenToPointers(view) {
  view.window.onpointerdown = (event) => {
    view.pointers.set(event.pointerId, [event.clientX, event.clientY])
    view.moved = view.pointers.size > 1
    view.from = [event.clientX, event.clientY, view.window.scrollLeft, view.window.scrollTop]
    view.spread = spread(view)
  }
  view.window.onpointermove = (event) => {
    if (!view.pointers.has(event.pointerId)) {
      return
    }
    view.pointers.set(event.pointerId, [event.clientX, event.clientY])
    if (view.pointers.size === 2) {
      pinch(view)
    } else if (event.pointerType === "mouse") {
      drag(view, event)
    }
  }
  const over = (event) => {
    view.pointers.delete(event.pointerId)
    view.window.classList.remove("dragged")
  }
  view.window.onpointerup = over
  view.window.onpointercancel = over
  view.window.onpointerleave = over
}

function drag(view, event) {
  const [x, y, left, top] = view.from
  if (Math.hypot(event.clientX - x, event.clientY - y) > DRAG) {
    if (!view.moved) {
      view.window.setPointerCapture(event.pointerId)
    }
    view.moved = true
    view.window.classList.add("dragged")
  }
  if (view.moved) {
    view.window.scrollLeft = left - (event.clientX - x)
    view.window.scrollTop = top - (event.clientY - y)
  }
}

function spread(view) {
  const [one, other] = [...view.pointers.values()]
  return other ? Math.hypot(one[0] - other[0], one[1] - other[1]) : 0
}

function pinch(view) {
  const now = spread(view)
  const [one, other] = [...view.pointers.values()]
  const box = view.window.getBoundingClientRect()
  if (view.spread > 0) {
    const middle = [(one[0] + other[0]) / 2 - box.left, (one[1] + other[1]) / 2 - box.top]
    zoomAt(view, (view.scale * now) / view.spread, ...middle)
  }
  view.spread = now
}

// --- choosing

function nodes(view) {
  return view.stage.querySelectorAll("[data-do]")
}

function find(view, id) {
  return [...nodes(view)].find((node) => node.dataset.id === id)
}

function click(view, event) {
  const node = event.target.closest("[data-do]")
  if (node && !view.moved) {
    act(view, node, false)
  }
  view.moved = false
}

function act(view, node, focused) {
  view.asked = { id: node.dataset.id, focused }
  view.send(node.dataset.do, node.dataset.id)
}

function sortForKeyboard(view) {
  const place = (node) => {
    const box = node.querySelector("rect, circle").getBBox()
    return [box.y, box.x]
  }
  view.order = [...nodes(view)]
    .map((node) => [node, place(node)])
    .sort(([, one], [, other]) => one[0] - other[0] || one[1] - other[1])
    .map(([node]) => node)
  view.order.forEach((node, at) => node.setAttribute("tabindex", at ? "-1" : "0"))
}

function focus(view, node) {
  view.order.forEach((each) => each.setAttribute("tabindex", each === node ? "0" : "-1"))
  node.focus({ preventScroll: true })
  node.scrollIntoView({ block: "nearest", inline: "nearest" })
}

function key(view, event) {
  const zooms = { "+": "in", "=": "in", "-": "out", 0: "width" }
  const node = event.target.closest("[data-do]")
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return
  }
  if (event.key in zooms) {
    zoomBy(view, zooms[event.key])
  } else if (node && (event.key === "Enter" || event.key === " ")) {
    act(view, node, true)
  } else if (node && ["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
    const at = view.order.indexOf(node)
    const last = view.order.length - 1
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key]
    focus(view, view.order[Math.min(last, Math.max(0, to))])
  } else {
    return
  }
  event.preventDefault()
}
