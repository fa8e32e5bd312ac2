// A window that slides: stepped, played and scrubbed by itself, with the arithmetic of each place.
// Python sends all numbers once (see convolution_stage.py); no step asks the server.

const SVG = "http://www.w3.org/2000/svg"
const UNIT = 40 // of a cell in a grid's own coordinates
const LEGIBLE = 15 // pixels of a cell below which its number is left out
const MOST_CELLS = 400 // a larger grid is drawn as a picture
const FEW = 9 // weights of a slice up to which all slices are open at once
const SHORT = 30 // products up to which the whole sum is written out
const STEP = 650 // milliseconds of a step, at ordinary speed
const WHOLE = 18000 // milliseconds a long walk takes instead
const POSITIVE = [59, 125, 216]
const NEGATIVE = [217, 119, 6]

export default function (component) {
  const { parentElement, data } = component
  let view = views.get(parentElement)
  if (!view) {
    view = start(parentElement, data)
    views.set(parentElement, view)
  }
  show(view, data)
  return () => {
    pause(view)
    view.resized.disconnect()
  }
}

function start(root, data) {
  const find = (name) => root.querySelector(`.${name}`)
  const view = {
    root: find("root"), inputs: find("inputs"), outputs: find("outputs"), sums: find("sums"),
    written: find("written"), slider: find("slider"), place: find("place"), told: find("told"),
    play: find("play"), whole: find("whole input"), speed: find("speed"),
    titles: { input: find("title-input"), sums: find("title-sums"), output: find("title-output") },
    bar: find("bar"), legend: find("legend"), stamps: find("stamps"),
    at: data.start, slice: 0, playing: 0, drawn: "", chosen: null,
  }
  wire(view)
  view.whole.onchange = () => {
    view.chosen = view.whole.checked
    reveal(view)
  }
  view.resized = new ResizeObserver(() => legible(view))
  view.resized.observe(view.root)
  return view
}

// --- what there is to walk over

function show(view, data) {
  const same = JSON.stringify(data)
  if (view.drawn === same) {
    return
  }
  const before = view.data
  view.drawn = same
  view.data = data
  view.turned = data.kind === "transposed"
  const walked = view.turned ? data.input : data.output
  view.rows = walked[0].length
  view.columns = walked[0][0].length
  view.maps = view.turned ? 1 : walked.length
  view.total = view.maps * view.rows * view.columns
  if (before && (before.kind !== data.kind || view.total !== view.totalBefore)) {
    pause(view)
    view.at = Math.min(view.at, view.total - 1)
  }
  if (before && before.start !== data.start) {
    view.at = data.start // another link
  }
  view.totalBefore = view.total
  view.at = Math.max(0, Math.min(view.at, view.total - 1))
  view.whole.checked = view.chosen === null ? data.whole : view.chosen
  view.slider.max = view.total - 1
  view.root.classList.toggle("guessing", data.hidden)
  view.bar.inert = data.hidden
  view.root.setAttribute("aria-label", data.label)
  view.titles.input.textContent = data.titles.input
  view.titles.output.textContent = data.hidden ? "Output ? × ?" : data.titles.output
  view.legend.textContent = data.legend
  if (data.hidden) {
    pause(view)
  }
  drawGrids(view)
  drawSums(view)
  move(view, view.at)
}

function spot(view, at) {
  const each = view.rows * view.columns
  const within = at % each
  const map = Math.floor(at / each)
  return { map, row: Math.floor(within / view.columns), column: within % view.columns }
}

// --- grids

function drawGrids(view) {
  const { data } = view
  const [p, q] = data.padding
  view.inputGrids = data.input.map((values, channel) =>
    view.turned
      ? makeGrid(values, { ...data.tones.input, name: data.names.input[channel] })
      : makeGrid(data.border[channel], {
          ...data.tones.input, name: data.names.input[channel], border: [p, q],
        }),
  )
  view.outputGrids = data.output.map((values, map) =>
    makeGrid(view.turned ? data.sheet : values, {
      ...data.tones.output, name: data.names.output[map], border: view.turned ? [p, q] : [0, 0],
      colour: data.names.output.length > 1 && !data.names.output[map],
    }),
  )
  view.inputs.replaceChildren(...view.inputGrids.map((grid) => grid.figure))
  view.outputs.replaceChildren(...view.outputGrids.map((grid) => grid.figure))
  view.inputs.classList.toggle("several", view.inputGrids.length > 1)
  view.outputs.classList.toggle("several", view.outputGrids.length > 1)
  for (const grid of view.inputGrids) {
    addWindow(grid, view.turned ? [[0, 0]] : taps(data), view.turned ? [1, 1] : reach(data))
    grid.svg.onclick = (event) => nearest(view, grid, event)
  }
  view.outputGrids.forEach((grid, map) => {
    addWindow(grid, view.turned ? taps(data) : [[0, 0]], view.turned ? reach(data) : [1, 1])
    if (!view.turned) {
      grid.svg.onclick = (event) => {
        const [row, column] = under(grid, event)
        pause(view)
        move(view, (map * view.rows + row) * view.columns + column)
      }
    }
  })
  view.stamps.replaceChildren()
  if (data.stamps) {
    const tone = { tone: "signed", scale: data.most, name: data.titles.stamps }
    view.stamps.append(makeGrid(data.stamps, tone).figure)
  }
  legible(view)
}

function reach(data) {
  return [0, 1].map((axis) => data.dilation[axis] * (data.kernel[axis] - 1) + 1)
}

function taps(data) {
  const places = []
  for (let i = 0; i < data.kernel[0]; i++) {
    for (let j = 0; j < data.kernel[1]; j++) {
      places.push([i * data.dilation[0], j * data.dilation[1]])
    }
  }
  return places
}

function make(name, attributes = {}, parent = null) {
  const node = document.createElementNS(SVG, name)
  for (const [attribute, value] of Object.entries(attributes)) {
    node.setAttribute(attribute, value)
  }
  parent?.append(node)
  return node
}

function makeGrid(values, { tone, scale, name, border = [0, 0] }) {
  const rows = values.length
  const columns = values[0].length
  const figure = document.createElement("figure")
  const size = `0 0 ${columns * UNIT} ${rows * UNIT}`
  const svg = make("svg", { viewBox: size, role: "img", "aria-label": `${name}, ${rows} by ${columns}` })
  figure.style.setProperty("--columns", Math.max(columns, 3))
  figure.append(svg)
  if (name) {
    const caption = document.createElement("figcaption")
    caption.textContent = name
    figure.prepend(caption)
  }
  const grid = { figure, svg, rows, columns, border, values, tone, scale, cells: [] }
  if (rows * columns > MOST_CELLS) {
    addPicture(grid)
  } else {
    addCells(grid)
  }
  const [p, q] = border
  const box = { x: q * UNIT, y: p * UNIT, width: (columns - 2 * q) * UNIT, height: (rows - 2 * p) * UNIT }
  make("rect", { ...box, class: "edge" }, svg)
  return grid
}

function outside(grid, row, column) {
  const [p, q] = grid.border
  return row < p || column < q || row >= grid.rows - p || column >= grid.columns - q
}

function addCells(grid) {
  grid.values.forEach((line, row) =>
    line.forEach((value, column) => {
      const place = { x: column * UNIT, y: row * UNIT }
      const cell = make("g", { class: outside(grid, row, column) ? "cell border" : "cell" }, grid.svg)
      const paper = make("rect", { ...place, width: UNIT, height: UNIT }, cell)
      const text = make("text", { x: place.x + UNIT / 2, y: place.y + UNIT / 2 }, cell)
      grid.cells.push({ cell, paper, text })
      fill(grid, row * grid.columns + column, value)
    }),
  )
}

function fill(grid, index, value) {
  const { cell, paper, text } = grid.cells[index]
  const [red, green, blue, alpha] = colour(value, grid)
  paper.setAttribute("fill", `rgba(${red},${green},${blue},${alpha})`)
  text.textContent = short(value)
  text.classList.toggle("long", text.textContent.length > 3)
  text.classList.toggle("longer", text.textContent.length > 5)
  if (grid.tone === "grey") {
    cell.style.setProperty("--ink", red > 120 ? "#1d232c" : "#f4f2ec")
  }
}

function addPicture(grid) {
  const canvas = document.createElement("canvas")
  canvas.width = grid.columns
  canvas.height = grid.rows
  const context = canvas.getContext("2d")
  const pixels = context.createImageData(grid.columns, grid.rows)
  grid.values.flat().forEach((value, index) => {
    const [red, green, blue, alpha] = colour(value, grid)
    pixels.data.set([red, green, blue, Math.round(alpha * 255)], 4 * index)
  })
  context.putImageData(pixels, 0, 0)
  const size = { width: grid.columns * UNIT, height: grid.rows * UNIT }
  make("image", { href: canvas.toDataURL(), ...size, preserveAspectRatio: "none", class: "picture" }, grid.svg)
  grid.covers = [make("rect", { class: "cover" }, grid.svg), make("rect", { class: "cover" }, grid.svg)]
}

function colour(value, { tone, scale }) {
  if (value === null) {
    return [128, 134, 145, 0.1]
  }
  if (tone === "grey") {
    const grey = Math.round(255 * Math.min(1, Math.max(0, value / scale)))
    return [grey, grey, grey, 1]
  }
  const strength = scale > 0 ? Math.min(1, Math.abs(value) / scale) : 0
  return [...(value < 0 ? NEGATIVE : POSITIVE), Number((0.78 * strength).toFixed(3))]
}

function addWindow(grid, places, [down, across]) {
  grid.window = make("g", { class: "window" }, grid.svg)
  grid.svg.classList.toggle("of-picture", grid.cells.length === 0)
  for (const [i, j] of places) {
    make("rect", { x: j * UNIT, y: i * UNIT, width: UNIT, height: UNIT, class: "tap" }, grid.window)
  }
  const size = { width: across * UNIT, height: down * UNIT }
  make("rect", { x: 0, y: 0, ...size, class: "reach" }, grid.window)
}

function put(grid, row, column) {
  grid.window.style.transform = `translate(${column * UNIT}px, ${row * UNIT}px)`
}

function under(grid, event) {
  const box = grid.svg.getBoundingClientRect()
  const row = Math.floor(((event.clientY - box.top) / box.height) * grid.rows)
  const column = Math.floor(((event.clientX - box.left) / box.width) * grid.columns)
  return [Math.min(grid.rows - 1, Math.max(0, row)), Math.min(grid.columns - 1, Math.max(0, column))]
}

function nearest(view, grid, event) {
  // The window whose middle is nearest to what was clicked; of a transposed one the place itself.
  const clicked = under(grid, event)
  const [row, column] = [0, 1].map((axis) => {
    if (view.turned) {
      return clicked[axis]
    }
    const middle = (reach(view.data)[axis] - 1) / 2
    const place = Math.round((clicked[axis] - middle) / view.data.stride[axis])
    return Math.max(0, Math.min([view.rows, view.columns][axis] - 1, place))
  })
  pause(view)
  move(view, (spot(view, view.at).map * view.rows + row) * view.columns + column)
}

function legible(view) {
  for (const grid of [...(view.inputGrids ?? []), ...(view.outputGrids ?? [])]) {
    const width = grid.svg.getBoundingClientRect().width
    grid.svg.classList.toggle("tiny", width > 0 && width / grid.columns < LEGIBLE)
  }
}

// --- the arithmetic

function drawSums(view) {
  const { data } = view
  const rows = []
  view.lines = []
  const depth = data.kind === "conv" ? data.weight[0].length : 1
  for (let slice = 0; slice < depth; slice++) {
    const row = document.createElement("div")
    row.className = "line"
    const line = { row, seen: tinyGrid(data, "seen"), sum: sign("partial") }
    if (depth > 1) {
      row.append(opener(view, slice, line.sum))
    }
    if (data.kind === "conv" || view.turned) {
      line.weights = tinyGrid(data, "weights")
      line.products = tinyGrid(data, "products")
      row.append(...(view.turned
        ? [line.value = sign("value"), sign("sign", "·"), line.weights.box, sign("sign", "="), line.products.box]
        : [line.seen.box, sign("sign", "⊙"), line.weights.box, sign("sign", "="), line.products.box]))
    } else {
      row.append(line.seen.box)
    }
    rows.push(row)
    view.lines.push(line)
  }
  view.sums.replaceChildren(...rows)
  view.sums.style.setProperty("--across", data.kernel[1])
  view.sums.classList.toggle("large", data.kernel[1] > 4)
  view.sums.classList.toggle("deep", depth > 1)
  view.folds = depth > 1 && data.kernel[0] * data.kernel[1] > FEW
  open(view, Math.min(view.slice, depth - 1))
}

function opener(view, slice, sum) {
  // The heading of a slice; where kernels are large, only one slice is open at a time.
  const button = document.createElement("button")
  button.type = "button"
  button.className = "opener"
  button.append(sign("name"), sum)
  button.onclick = () => open(view, slice)
  return button
}

function open(view, slice) {
  view.slice = slice
  view.lines.forEach(({ row }, index) => {
    const opened = !view.folds || index === slice
    row.classList.toggle("closed", !opened)
    row.querySelector(".opener")?.setAttribute("aria-expanded", String(opened))
  })
}

function sign(name, text = "") {
  const node = document.createElement("span")
  node.className = name
  node.textContent = text
  return node
}

function tinyGrid(data, name) {
  const box = document.createElement("div")
  box.className = `tiny-grid ${name}`
  box.style.setProperty("--across", data.kernel[1])
  const cells = []
  for (let index = 0; index < data.kernel[0] * data.kernel[1]; index++) {
    cells.push(sign("number"))
  }
  box.append(...cells)
  return { box, cells }
}

function write(grid, values, look) {
  grid.cells.forEach((cell, index) => {
    const value = values[index]
    const [red, green, blue, alpha] = colour(value, look)
    cell.textContent = short(value)
    cell.classList.toggle("long", cell.textContent.length > 4)
    cell.title = value === null ? "padding" : exact(value)
    cell.style.background = `rgba(${red},${green},${blue},${alpha})`
    cell.style.color = look.tone === "grey" ? (red > 120 ? "#1d232c" : "#f4f2ec") : ""
  })
}

function patch(view, channel, row, column) {
  const { stride } = view.data
  const border = view.data.border[channel]
  return taps(view.data).map(([i, j]) => border[row * stride[0] + i][column * stride[1] + j])
}

function largest(values) {
  return Math.max(...values.map((value) => Math.abs(value ?? 0)), 1e-12)
}

function convolved(view, { map, row, column }) {
  const { data } = view
  const kernels = data.weight[map]
  const first = Math.floor(map / (data.weight.length / data.groups)) * kernels.length
  const most = largest(kernels.flat(2))
  const all = kernels.map((kernel, slice) => {
    const seen = patch(view, first + slice, row, column)
    const weights = kernel.flat()
    return { seen, weights, products: seen.map((value, index) => value * weights[index]) }
  })
  const heaviest = largest(all.flatMap((each) => each.products))
  const parts = all.map((each, slice) => {
    const line = view.lines[slice]
    const sum = each.products.reduce((one, other) => one + other, 0)
    write(line.seen, each.seen, data.tones.input)
    write(line.weights, each.weights, { tone: "signed", scale: most })
    write(line.products, each.products, { tone: "signed", scale: heaviest })
    if (all.length > 1) {
      line.row.querySelector(".name").textContent = data.names.input[first + slice]
      line.sum.textContent = `Σ = ${long(sum)}`
    }
    return sum
  })
  return conclude(view, all, parts, { map, row, column })
}

function conclude(view, all, parts, { map, row, column }) {
  const { data } = view
  const z = data.sums[map][row][column]
  const y = data.output[map][row][column]
  const lines = []
  if (all.length === 1 && all[0].products.length <= SHORT) {
    const across = data.kernel[1]
    for (let begin = 0; begin < all[0].products.length; begin += across) {
      const terms = all[0].seen.slice(begin, begin + across).map(
        (value, index) => `${factor(value)}·${factor(all[0].weights[begin + index])}`,
      )
      lines.push(`${begin ? "+ " : "   "}${terms.join(" + ")}`)
    }
  } else if (all.length > 1) {
    lines.push(`   ${parts.map((part) => factor(part)).join(" + ")}`)
  }
  const sum = parts.reduce((one, other) => one + other, 0)
  const ending = [["sum of products", long(sum)]]
  if (data.bias[map] !== 0) {
    ending.push([`+ bias ${factor(data.bias[map])}`, long(z)])
  }
  if (data.activation !== "none") {
    ending.push([`${data.activationName}(${long(z)})`, long(y)])
  }
  say(view, lines, ending)
  return `sum ${long(sum)}, result ${long(y)}`
}

function pooled(view, { map, row, column }) {
  const { data } = view
  const seen = patch(view, map, row, column)
  const line = view.lines[0]
  write(line.seen, seen, data.tones.input)
  const y = data.output[map][row][column]
  const best = data.kind === "max" ? seen.indexOf(Math.max(...seen.map((v) => v ?? -Infinity))) : -1
  line.seen.cells.forEach((cell, index) => cell.classList.toggle("best", index === best))
  const known = seen.map((value) => (value === null ? "−∞" : factor(value)))
  const few = known.length <= SHORT
  if (data.kind === "max") {
    say(view, few ? [`max(${known.join(", ")})`] : [], [["the largest", long(y)]])
  } else {
    const sum = seen.reduce((one, other) => one + other, 0)
    const text = few ? [`(${known.join(" + ")}) / ${seen.length}`] : []
    say(view, text, [[`${long(sum)} / ${seen.length}`, long(y)]])
  }
  return `${data.kind} ${long(y)}`
}

function stamped(view, { row, column }) {
  const { data } = view
  const value = data.input[0][row][column]
  const weights = data.weight[0][0].flat()
  const products = weights.map((weight) => value * weight)
  const line = view.lines[0]
  line.value.textContent = long(value)
  write(line.weights, weights, { tone: "signed", scale: largest(weights) })
  write(line.products, products, data.tones.output)
  const added = row * view.columns + column + 1
  say(view, [], [
    [`stamp ${added} of ${view.total}, added to what lies there`, ""],
  ])
  stampAll(view)
  return `value ${long(value)}`
}

function stampAll(view) {
  // What the stamps up to here add up to, on the sheet before its border is cut away.
  const { data } = view
  const grid = view.outputGrids[0]
  const last = view.whole.checked ? view.total - 1 : view.at
  const nothing = last === view.total - 1 ? data.bias[0] : null // no stamp will come any more
  const sheet = data.sheet.map((line) => line.map(() => nothing))
  for (let at = 0; at <= last; at++) {
    const { row, column } = spot(view, at)
    taps(data).forEach(([i, j], index) => {
      const [y, x] = [row * data.stride[0] + i, column * data.stride[1] + j]
      const product = data.input[0][row][column] * data.weight[0][0].flat()[index]
      sheet[y][x] = (sheet[y][x] ?? data.bias[0]) + product
    })
  }
  sheet.forEach((line, row) =>
    line.forEach((value, column) => fill(grid, row * grid.columns + column, value)),
  )
}

function say(view, lines, ending) {
  const nodes = lines.map((text) => sign("terms", text))
  ending.forEach(([text, value], index) => {
    const line = sign(index === ending.length - 1 ? "ending last" : "ending")
    line.append(sign("what", value === "" ? text : `${text} = `), sign("number", value))
    nodes.push(line)
  })
  view.written.replaceChildren(...nodes)
}

// --- moving

function move(view, at) {
  view.at = Math.max(0, Math.min(view.total - 1, at))
  const here = spot(view, view.at)
  const { data } = view
  const inside = [here.row * data.stride[0], here.column * data.stride[1]]
  const group = data.kind === "conv" ? data.weight[0].length : 1
  const first = data.kind === "conv"
    ? Math.floor(here.map / (data.weight.length / data.groups)) * group
    : here.map
  view.inputGrids.forEach((grid, channel) => {
    put(grid, ...(view.turned ? [here.row, here.column] : inside))
    const read = view.turned || (channel >= first && channel < first + group)
    grid.figure.classList.toggle("unread", !read)
  })
  view.outputGrids.forEach((grid, map) => {
    put(grid, ...(view.turned ? inside : [here.row, here.column]))
    grid.figure.classList.toggle("current", view.turned || map === here.map)
  })
  const walk = { conv: convolved, max: pooled, average: pooled, transposed: stamped }[data.kind]
  const result = walk(view, here)
  view.titles.sums.textContent = data.titles.sums[here.map % data.titles.sums.length]
  const side = view.turned ? "input" : "output"
  const channel = view.maps > 1 ? `, channel ${here.map + 1}` : ""
  view.place.textContent = `${view.at + 1} / ${view.total}`
  view.slider.value = view.at
  view.slider.setAttribute("aria-valuetext", `${side} row ${here.row + 1}, column ${here.column + 1}${channel}`)
  view.root.dataset.at = view.at
  if (!view.playing) {
    view.told.textContent = `${side} row ${here.row + 1}, column ${here.column + 1}${channel}: ${result}`
  }
  reveal(view)
}

function reveal(view) {
  if (view.turned) {
    stampAll(view)
    return
  }
  const each = view.rows * view.columns
  view.outputGrids.forEach((grid, map) => {
    const shown = view.whole.checked ? each : Math.max(0, Math.min(each, view.at + 1 - map * each))
    grid.cells.forEach(({ cell }, index) => cell.classList.toggle("coming", index >= shown))
    if (grid.covers) {
      cover(grid, shown)
    }
  })
}

function cover(grid, shown) {
  const row = Math.floor(shown / grid.columns)
  const column = shown % grid.columns
  const width = grid.columns * UNIT
  const [line, rest] = grid.covers
  const set = (node, x, y, w, h) => {
    for (const [name, value] of Object.entries({ x, y, width: w, height: h })) {
      node.setAttribute(name, Math.max(0, value))
    }
  }
  set(line, column * UNIT, row * UNIT, width - column * UNIT, row < grid.rows ? UNIT : 0)
  set(rest, 0, (row + 1) * UNIT, width, (grid.rows - row - 1) * UNIT)
}

function play(view) {
  if (view.data.hidden || view.total < 2) {
    return
  }
  if (view.at === view.total - 1) {
    move(view, 0)
  }
  const pace = Math.min(STEP, WHOLE / view.total) / Number(view.speed.value)
  const from = { time: performance.now(), at: view.at }
  view.root.classList.toggle("fast", pace < 150 || calm.matches)
  const frame = (now) => {
    const to = Math.min(view.total - 1, from.at + Math.floor((now - from.time) / pace))
    if (to !== view.at) {
      move(view, to)
    }
    if (to === view.total - 1) {
      pause(view)
    } else {
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
    move(view, view.at)
  }
  view.root.classList.remove("fast")
  looks(view)
}

const KEYS = {
  ArrowLeft: "back", ArrowRight: "next", ArrowUp: "up", ArrowDown: "down", Home: "first", End: "last",
}

function go(view, where) {
  pause(view)
  const targets = { first: 0, back: view.at - 1, next: view.at + 1, last: view.total - 1 }
  const rows = { up: view.at - view.columns, down: view.at + view.columns }
  move(view, { ...targets, ...rows }[where])
}

// What a link calls the place where the window stands: the first one is 1.
function linked(view) {
  return view.at + 1
}

// --- numbers

function trim(text) {
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text
}

function signed(text) {
  return text.replace("-", "−").replace("e−", "e−").replace("e+", "e")
}

function digits(value, small, places) {
  const size = Math.abs(value)
  if (size === 0 || size < 1e-9) {
    return "0"
  }
  if (size < small) {
    return trim(value.toPrecision(2))
  }
  return trim(value.toFixed(size >= 1000 ? 0 : size >= 100 ? Math.max(0, places - 2) : size >= 10 ? places - 1 : places))
}

function short(value) {
  // For a cell: at most two places, no nought before the point.
  return value === null ? "" : signed(digits(value, 0.095, 2)).replace(/^(−?)0\./, "$1.")
}

function long(value) {
  return signed(digits(value, 0.0095, 4))
}

function exact(value) {
  return signed(String(Number(value.toPrecision(7))))
}

function factor(value) {
  const text = signed(digits(value, 0.0095, 3))
  return value < 0 ? `(${text})` : text
}
