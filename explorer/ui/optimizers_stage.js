// Optimisers on their way over a landscape: stepped, played and scrubbed in the browser.
// Python sends map and ways once (see optimizers_stage.py); only a chosen start, and the step
// at which the player rests, go back to the server.

const STEP = 140 // milliseconds of a step, at ordinary speed
const WHOLE = 9000 // milliseconds that many steps take together
const REST = 260 // milliseconds after which a step that is stayed at is told
const BANDS = 14 // of equal height on the map
const MESH = 56 // facets across, in three dimensions
const TALLEST = 0.55 // height of the highest point, as a share of the width
const SHORTEST = 14 // pixels of an arrow, so that its direction is seen
const LONGEST = 90
const ELLIPSE = 30 // pixels of the longer half axis

export default function (component) {
  const { parentElement, data, setTriggerValue, setStateValue } = component
  let view = views.get(parentElement)
  if (!view) {
    view = start(parentElement, data)
    views.set(parentElement, view)
  }
  view.choose = (x, y) => setTriggerValue("start", { x, y })
  view.tell = (step) => setStateValue("at", step)
  view.look = (path) => setStateValue("focus", path)
  show(view, data)
  return () => {
    pause(view)
    view.resized.disconnect()
  }
}

function start(root, data) {
  const find = (name) => root.querySelector(`.${name}`)
  const view = {
    root: find("root"), canvas: find("canvas"), cards: find("cards"), slider: find("slider"),
    place: find("place"), told: find("told"), play: find("play"), speed: find("speed"),
    bar: find("bar"), legend: find("legend"), solid: find("solid input"),
    at: 0, shown: 0, playing: 0, drawn: "", focus: "", base: null, spin: -0.6, tilt: 0.95,
  }
  view.pen = view.canvas.getContext("2d")
  wire(view)
  view.solid.onchange = () => {
    view.root.classList.toggle("turnable", view.solid.checked)
    draw(view)
  }
  pointing(view)
  view.resized = new ResizeObserver(() => draw(view))
  view.resized.observe(view.canvas)
  return view
}

// --- what there is to see

function floats(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  return new Float32Array(bytes.buffer)
}

function show(view, data) {
  const same = JSON.stringify(data)
  if (view.drawn === same) {
    draw(view) // the theme may be another one
    return
  }
  const before = view.data
  const totalBefore = view.total
  view.drawn = same
  view.data = data
  if (!before || before.ground.key !== data.ground.key) {
    view.base = null
    view.heights = floats(data.ground.heights)
  }
  view.paths = data.paths.map((path) => ({
    ...path, xy: floats(path.xy), loss: floats(path.loss), slope: floats(path.slope),
    state: path.state.map((each) => ({ ...each, values: floats(each.values) })),
  }))
  view.total = Math.max(0, ...view.paths.map((path) => path.loss.length - 1))
  view.focus = data.focus
  view.slider.max = view.total
  view.root.classList.toggle("guessing", data.hidden)
  view.bar.inert = data.hidden
  view.root.setAttribute("aria-label", data.label)
  view.canvas.setAttribute("aria-label", data.label)
  makeCards(view)
  const revealed = before && before.hidden && !data.hidden
  const another = !before || before.ground.key !== data.ground.key || before.at !== data.at
  if (data.hidden) {
    pause(view)
    move(view, 0, true)
  } else if (revealed && !calm.matches) {
    move(view, 0, true)
    play(view)
  } else {
    const wasLast = before && view.at === totalBefore
    move(view, another ? (data.at < 0 ? view.total : data.at) : wasLast ? view.total : Math.min(view.at, view.total), true)
  }
}

function makeCards(view) {
  const cards = view.paths.map((path) => {
    const card = document.createElement("button")
    card.type = "button"
    card.className = "card"
    card.dataset.key = path.key
    card.style.setProperty("--own", path.colour)
    card.title = path.says
    card.onclick = () => {
      view.focus = path.key
      draw(view)
      view.look(path.key)
    }
    const head = line("head", path.title, "")
    path.headLoss = head.lastChild
    const rows = ["x, y", "gradient", ...path.state.map((each) => each.title)]
    path.cells = rows.map((name) => line("row", name, ""))
    path.fate = document.createElement("span")
    path.fate.className = "fate"
    card.append(head, ...path.cells, path.fate)
    path.card = card
    return card
  })
  view.cards.replaceChildren(...cards)
  view.cards.classList.toggle("many", cards.length > 4)
}

function line(name, left, right) {
  const node = document.createElement("span")
  node.className = name
  for (const text of [left, right]) {
    const part = document.createElement("span")
    part.textContent = text
    node.append(part)
  }
  return node
}

function fill(view) {
  const step = Math.floor(view.at)
  for (const path of view.paths) {
    const last = path.loss.length - 1
    const row = Math.min(step, last)
    const pair = (values) => `${number(values[2 * row])}, ${number(values[2 * row + 1])}`
    path.headLoss.textContent = number(path.loss[row])
    const values = [path.xy, path.slope, ...path.state.map((each) => each.values)]
    values.forEach((each, index) => (path.cells[index].lastChild.textContent = pair(each)))
    const gone = path.left !== null && step >= path.left
    const arrived = path.arrived !== null && step >= path.arrived
    path.fate.textContent = gone
      ? `left the picture at step ${path.left}`
      : arrived ? `below the goal since step ${path.arrived}` : ""
    path.card.classList.toggle("gone", gone)
    path.card.classList.toggle("arrived", arrived && !gone)
    path.card.classList.toggle("focus", path.key === view.focus)
    path.card.setAttribute("aria-pressed", path.key === view.focus)
  }
}

// --- the map

function ink(view) {
  const style = getComputedStyle(view.root)
  const get = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise
  const paper = get("--st-background-color", "#ffffff")
  return { paper, text: get("--st-text-color", "#1d232c"), dark: bright(paper) < 0.5 }
}

function bright(colour) {
  const [r, g, b] = rgb(colour)
  return (0.3 * r + 0.59 * g + 0.11 * b) / 255
}

function rgb(colour) {
  const hex = colour.replace("#", "")
  const full = hex.length === 3 ? [...hex].map((each) => each + each).join("") : hex
  return [0, 2, 4].map((place) => parseInt(full.slice(place, place + 2), 16) || 0)
}

function shade(height, dark) {
  const [low, high] = dark ? [[44, 62, 82], [19, 23, 29]] : [[252, 251, 247], [178, 193, 208]]
  const share = Math.pow(Math.min(1, Math.max(0, height)), 0.8)
  return low.map((each, index) => each + (high[index] - each) * share)
}

function sampled(view, x, y) {
  // The height at grid place (x, y), between its four neighbours.
  const { columns, rows } = view.data.ground
  const [i, j] = [Math.min(columns - 2, Math.floor(x)), Math.min(rows - 2, Math.floor(y))]
  const [a, b] = [x - i, y - j]
  const at = j * columns + i
  const h = view.heights
  return (1 - b) * ((1 - a) * h[at] + a * h[at + 1]) + b * ((1 - a) * h[at + columns] + a * h[at + columns + 1])
}

function flatMap(view, width, height, theme) {
  const { columns, rows } = view.data.ground
  const sheet = document.createElement("canvas")
  sheet.width = width
  sheet.height = height
  const pen = sheet.getContext("2d")
  const image = pen.createImageData(width, height)
  const stroke = theme.dark ? 235 : 30
  let above = new Float32Array(width + 1)
  for (let py = -1; py < height; py++) {
    const y = ((height - 1 - Math.max(0, py)) / (height - 1)) * (rows - 1)
    const now = new Float32Array(width + 1)
    for (let px = 0; px <= width; px++) {
      now[px] = BANDS * sampled(view, (Math.min(px, width - 1) / (width - 1)) * (columns - 1), y)
    }
    for (let px = 0; py >= 0 && px < width; px++) {
      const value = now[px]
      const colour = shade(Math.floor(value) / BANDS, theme.dark)
      const slope = Math.hypot(now[px + 1] - value, value - above[px]) + 1e-6
      const near = Math.abs(value - Math.round(value)) / slope
      const strength = Math.round(value) > 0 ? 0.32 * Math.max(0, 1 - near) : 0
      const at = 4 * (py * width + px)
      for (let part = 0; part < 3; part++) {
        image.data[at + part] = colour[part] + (stroke - colour[part]) * strength
      }
      image.data[at + 3] = 255
    }
    above = now
  }
  pen.putImageData(image, 0, 0)
  return sheet
}

function solidMap(view, width, height, theme) {
  // Facets from the farthest to the nearest; steep ones are darker.
  const sheet = document.createElement("canvas")
  sheet.width = width
  sheet.height = height
  const pen = sheet.getContext("2d")
  const { columns, rows } = view.data.ground
  const [across, down] = [MESH, Math.round((MESH * 3) / 4)]
  const corner = (i, j) => {
    const [x, y] = [i / across, j / down]
    return { x, y, h: sampled(view, x * (columns - 1), y * (rows - 1)) }
  }
  const grid = Array.from({ length: down + 1 }, (_, j) =>
    Array.from({ length: across + 1 }, (_, i) => {
      const { x, y, h } = corner(i, j)
      return { h, ...projected(view, x, y, h, width, height) }
    }),
  )
  const facets = []
  for (let j = 0; j < down; j++) {
    for (let i = 0; i < across; i++) {
      const four = [grid[j][i], grid[j][i + 1], grid[j + 1][i + 1], grid[j + 1][i]]
      facets.push({ four, depth: four.reduce((sum, each) => sum + each.depth, 0) })
    }
  }
  facets.sort((one, other) => other.depth - one.depth)
  for (const { four } of facets) {
    const mean = four.reduce((sum, each) => sum + each.h, 0) / 4
    const lean = 60 * (four[1].h - four[0].h + four[2].h - four[3].h) - 30 * (four[3].h - four[0].h)
    const colour = shade(mean, theme.dark).map((each) => each - Math.max(-14, Math.min(22, lean * 2)))
    pen.fillStyle = `rgb(${colour.map((each) => Math.round(Math.max(0, Math.min(255, each))))})`
    pen.strokeStyle = theme.dark ? "rgba(235,235,235,0.10)" : "rgba(30,40,55,0.13)"
    pen.beginPath()
    four.forEach((each) => pen.lineTo(each.px, each.py))
    pen.closePath()
    pen.fill()
    pen.stroke()
  }
  return sheet
}

function projected(view, x, y, h, width, height) {
  // x and y in shares of the window, from the lower left; seen from a turned, raised place.
  const [u, v] = [x - 0.5, (y - 0.5) * 0.75]
  const [c, s] = [Math.cos(view.spin), Math.sin(view.spin)]
  const [right, away] = [u * c - v * s, u * s + v * c]
  const scale = 0.78 * width
  const up = (h - 0.35) * TALLEST
  return {
    px: width / 2 + right * scale,
    py: height / 2 - (away * Math.sin(view.tilt) + up * Math.cos(view.tilt)) * scale,
    depth: away * Math.cos(view.tilt) - up * Math.sin(view.tilt),
  }
}

// --- drawing

function draw(view) {
  const width = view.canvas.clientWidth
  if (!width || !view.data) {
    return
  }
  const density = Math.min(2, window.devicePixelRatio || 1)
  const height = Math.round(width * 0.75)
  const size = [Math.round(width * density), Math.round(height * density)]
  if (view.canvas.width !== size[0] || view.canvas.height !== size[1]) {
    ;[view.canvas.width, view.canvas.height] = size
  }
  const theme = ink(view)
  const solid = view.solid.checked
  const wanted = [solid, theme.paper, ...size, ...(solid ? [view.spin, view.tilt] : [])].join()
  if (!view.base || view.base.wanted !== wanted) {
    const make = solid ? solidMap : flatMap
    view.base = { wanted, sheet: make(view, ...size, theme) }
  }
  const { pen } = view
  pen.setTransform(1, 0, 0, 1, 0, 0)
  pen.clearRect(0, 0, ...size)
  pen.drawImage(view.base.sheet, 0, 0)
  pen.setTransform(density, 0, 0, density, 0, 0)
  view.size = [width, height]
  view.theme = theme
  for (const [x, y] of view.data.ground.minima) {
    cross(view, seen(view, x, y, view.data.ground.least))
  }
  view.words = []
  if (!view.data.hidden) {
    const ordered = [...view.paths].sort((one) => (one.key === view.focus ? 1 : -1))
    ordered.forEach((path) => trail(view, path))
  }
  const [x, y] = view.data.start
  ring(view, seen(view, x, y, view.data.startLoss))
  words(view)
  fill(view)
}

function seen(view, x, y, loss) {
  // Where a place of the surface stands on the canvas, and whether it lies in the window.
  const { low, high, least, knee, top } = view.data.ground
  const [u, v] = [(x - low[0]) / (high[0] - low[0]), (y - low[1]) / (high[1] - low[1])]
  const [width, height] = view.size
  const inside = u >= 0 && u <= 1 && v >= 0 && v <= 1
  if (!view.solid.checked) {
    return { px: u * width, py: (1 - v) * height, inside }
  }
  const h = Math.log1p(Math.max(0, loss - least) / knee) / top
  return { ...projected(view, u, v, Math.min(h, 1.2), width, height), inside }
}

function trail(view, path) {
  const { pen } = view
  const last = path.loss.length - 1
  const at = Math.min(view.at, last)
  const focused = path.key === view.focus
  const points = []
  for (let step = 0; step <= at; step++) {
    points.push(seen(view, path.xy[2 * step], path.xy[2 * step + 1], path.loss[step]))
  }
  const part = at - Math.floor(at)
  if (part > 0) {
    const row = Math.floor(at)
    const mix = (values, offset, wide) =>
      values[wide * row + offset] * (1 - part) + values[wide * (row + 1) + offset] * part
    points.push(seen(view, mix(path.xy, 0, 2), mix(path.xy, 1, 2), mix(path.loss, 0, 1)))
  }
  pen.lineJoin = pen.lineCap = "round"
  for (const [wide, colour] of [[focused ? 5.5 : 4, view.theme.paper], [focused ? 3 : 2, path.colour]]) {
    pen.lineWidth = wide
    pen.strokeStyle = colour
    pen.globalAlpha = colour === view.theme.paper ? 0.55 : 1
    pen.beginPath()
    points.forEach((each) => pen.lineTo(limited(each.px), limited(each.py)))
    pen.stroke()
  }
  pen.globalAlpha = 1
  pen.fillStyle = path.colour
  if (points.length < 80) {
    points.slice(0, -1).forEach((each) => dot(pen, each, focused ? 2.6 : 2))
  }
  head(view, path, points[points.length - 1], focused)
}

function limited(pixels) {
  return Math.max(-1e4, Math.min(1e4, pixels)) // a canvas does not like 1e9
}

function dot(pen, { px, py }, radius) {
  pen.beginPath()
  pen.arc(limited(px), limited(py), radius, 0, 7)
  pen.fill()
}

function head(view, path, point, focused) {
  const { pen } = view
  const [width, height] = view.size
  const broken = path.broke !== null && view.at >= path.loss.length - 1
  if (!point.inside || broken) {
    const edge = { px: Math.max(9, Math.min(width - 9, point.px)), py: Math.max(9, Math.min(height - 9, point.py)) }
    pen.fillStyle = path.colour
    pen.strokeStyle = view.theme.paper
    pen.lineWidth = 1.5
    pen.beginPath()
    pen.rect(edge.px - 6, edge.py - 6, 12, 12)
    pen.fill()
    pen.stroke()
    view.words.push([path, edge])
    return
  }
  if (focused && !view.solid.checked) {
    memory(view, path, point)
  }
  pen.fillStyle = path.colour
  pen.strokeStyle = view.theme.paper
  pen.lineWidth = 2
  pen.beginPath()
  pen.arc(point.px, point.py, focused ? 7 : 5.5, 0, 7)
  pen.fill()
  pen.stroke()
  view.words.push([path, point])
}

function words(view) {
  // The chosen one's name first; one that would cover another is left to its card.
  const taken = []
  for (const [path, point] of [...view.words].reverse()) {
    const box = placed(view, path.title, point)
    if (taken.every((other) => apart(box, other))) {
      taken.push(box)
      word(view, path.title, box, path.colour)
    }
  }
}

function placed(view, text, { px, py }) {
  const { pen } = view
  pen.font = "600 12px system-ui, sans-serif"
  const long = pen.measureText(text).width
  const left = px + 12 + long > view.size[0] ? px - 12 - long : px + 11
  return { left, right: left + long, top: Math.max(14, py - 8) }
}

function apart(one, other) {
  return one.right < other.left || other.right < one.left || Math.abs(one.top - other.top) > 13
}

function word(view, text, { left, top }, colour) {
  const { pen } = view
  pen.lineWidth = 4
  pen.strokeStyle = view.theme.paper
  pen.globalAlpha = 0.8
  pen.strokeText(text, left, top)
  pen.globalAlpha = 1
  pen.fillStyle = colour
  pen.fillText(text, left, top)
}

function memory(view, path, point) {
  // What the optimiser remembers: an arrow for a velocity, an ellipse for squares.
  const row = Math.min(Math.floor(view.at), path.loss.length - 1)
  const pair = (values) => [values[2 * row], values[2 * row + 1]]
  const squares = path.state.find((each) => each.kind === "squares")
  if (squares) {
    const [a, b] = pair(squares.values).map((each) => 1 / Math.sqrt(Math.max(each, 1e-30)))
    const longer = Math.max(a, b)
    const { pen } = view
    if (row > 0) {
      pen.beginPath()
      pen.ellipse(point.px, point.py, Math.max(2, (ELLIPSE * a) / longer), Math.max(2, (ELLIPSE * b) / longer), 0, 0, 7)
      pen.lineWidth = 1.5
      pen.strokeStyle = path.colour
      pen.stroke()
      pen.globalAlpha = 0.16
      pen.fillStyle = path.colour
      pen.fill()
      pen.globalAlpha = 1
    }
  }
  arrow(view, point, pair(path.slope), path.rate, view.theme.text, 1.6)
  const velocity = path.state.find((each) => each.kind === "velocity")
  if (velocity && row > 0) {
    arrow(view, point, pair(velocity.values), path.rate, path.colour, 3.2)
  }
}

function arrow(view, { px, py }, [dx, dy], rate, colour, thick) {
  const { low, high } = view.data.ground
  const unit = view.size[0] / (high[0] - low[0])
  let [x, y] = [-rate * dx * unit, rate * dy * unit]
  const long = Math.hypot(x, y)
  if (!(long > 1e-9)) {
    return
  }
  const wanted = Math.max(SHORTEST, Math.min(LONGEST, long))
  ;[x, y] = [(x / long) * wanted, (y / long) * wanted]
  const { pen } = view
  const [ex, ey] = [px + x, py + y]
  const [ux, uy] = [x / wanted, y / wanted]
  const size = 4 + thick
  for (const [wide, paint] of [[thick + 2.5, view.theme.paper], [thick, colour]]) {
    pen.strokeStyle = paint
    pen.lineWidth = wide
    pen.beginPath()
    pen.moveTo(px, py)
    pen.lineTo(ex, ey)
    pen.moveTo(ex - size * (ux + 0.6 * uy), ey - size * (uy - 0.6 * ux))
    pen.lineTo(ex, ey)
    pen.lineTo(ex - size * (ux - 0.6 * uy), ey - size * (uy + 0.6 * ux))
    pen.stroke()
  }
}

function ring(view, { px, py }) {
  const { pen } = view
  for (const [wide, colour] of [[5, view.theme.paper], [2, view.theme.text]]) {
    pen.lineWidth = wide
    pen.strokeStyle = colour
    pen.beginPath()
    pen.arc(px, py, 8, 0, 7)
    pen.stroke()
  }
}

function cross(view, { px, py }) {
  const { pen } = view
  for (const [wide, colour] of [[5, view.theme.paper], [2.2, view.theme.text]]) {
    pen.lineWidth = wide
    pen.strokeStyle = colour
    pen.beginPath()
    for (const [x, y] of [[-6, -6], [-6, 6]]) {
      pen.moveTo(px + x, py + y)
      pen.lineTo(px - x, py - y)
    }
    pen.stroke()
  }
}

// --- pointing and turning

function pointing(view) {
  let from = null
  view.canvas.onpointerdown = (event) => {
    from = { x: event.clientX, y: event.clientY, spin: view.spin, tilt: view.tilt, moved: false }
    if (view.solid.checked) {
      view.canvas.setPointerCapture(event.pointerId)
    }
  }
  view.canvas.onpointermove = (event) => {
    if (!from || !view.solid.checked) {
      return
    }
    view.spin = from.spin + (event.clientX - from.x) / 160
    view.tilt = Math.max(0.25, Math.min(1.5, from.tilt + (event.clientY - from.y) / 220))
    cancelAnimationFrame(view.turning)
    view.turning = requestAnimationFrame(() => draw(view))
  }
  view.canvas.onpointerup = view.canvas.onpointercancel = () => (from = null)
  view.canvas.onclick = (event) => {
    if (view.solid.checked || !view.data) {
      return
    }
    const box = view.canvas.getBoundingClientRect()
    const { low, high } = view.data.ground
    const u = (event.clientX - box.left) / box.width
    const v = 1 - (event.clientY - box.top) / box.height
    view.choose(low[0] + u * (high[0] - low[0]), low[1] + v * (high[1] - low[1]))
  }
}

// --- moving

function move(view, at, silent = false) {
  view.at = Math.max(0, Math.min(view.total, at))
  const step = Math.floor(view.at)
  view.place.textContent = `${step} / ${view.total}`
  view.slider.value = step
  view.slider.setAttribute("aria-valuetext", `step ${step} of ${view.total}`)
  view.root.dataset.at = step
  draw(view)
  if (!view.playing) {
    say(view, step)
    clearTimeout(view.resting)
    if (!silent && step !== view.told_at) {
      view.resting = setTimeout(() => {
        view.told_at = step
        view.tell(step)
      }, REST)
    }
  }
}

function say(view, step) {
  const chosen = view.paths.find((path) => path.key === view.focus)
  if (chosen && !view.data.hidden) {
    const loss = chosen.loss[Math.min(step, chosen.loss.length - 1)]
    view.told.textContent = `Step ${step}: ${chosen.title} at loss ${number(loss)}`
  } else {
    view.told.textContent = ""
  }
}

function play(view) {
  if (view.data.hidden || view.total < 1) {
    return
  }
  if (view.at >= view.total) {
    move(view, 0, true)
  }
  const pace = Math.min(STEP, WHOLE / view.total) / Number(view.speed.value)
  const from = { time: performance.now(), at: view.at }
  const frame = (now) => {
    const exact = from.at + Math.max(0, now - from.time) / pace
    move(view, Math.min(view.total, calm.matches ? Math.floor(exact) : exact))
    if (view.at >= view.total) {
      pause(view)
    } else if (view.playing) {
      view.playing = requestAnimationFrame(frame)
    }
  }
  view.playing = requestAnimationFrame(frame)
  looks(view)
}

function pause(view) {
  if (view.playing) {
    cancelAnimationFrame(view.playing)
    view.playing = 0
    move(view, Math.floor(view.at))
  }
  looks(view)
}

const KEYS = { ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last" }

function go(view, where) {
  pause(view)
  const here = Math.floor(view.at)
  move(view, { first: 0, back: here - 1, next: here + 1, last: view.total }[where])
}

// What a link calls the step at which they stand.
function linked(view) {
  return Math.floor(view.at)
}

// --- numbers

function number(value) {
  if (!Number.isFinite(value)) {
    return "no number"
  }
  const size = Math.abs(value)
  if (size === 0) {
    return "0"
  }
  const text = size >= 1e4 || size < 1e-3
    ? value.toExponential(1).replace("e+", "e")
    : value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3)
  return text.replaceAll("-", "−")
}
