// Run model.onnx on an image or on the camera. All files lie beside this one; nothing else is loaded.
import * as ort from "./ort.wasm.min.mjs";

ort.env.wasm.numThreads = 1; // threads need headers that a plain file server does not send
ort.env.wasm.wasmPaths = new URL("./", import.meta.url).href;

const at = (id) => document.getElementById(id);
const say = (text, isError = false) => {
  at("status").textContent = text;
  at("status").classList.toggle("error", isError);
};

let facts, session, source; // source: an ImageBitmap, or the video of the camera
let stream = null;
let waiting = Promise.resolve(); // one prediction at a time

// Draw what the network reads; width and height are those of the source.
function draw(image, width, height) {
  const size = facts.input_size;
  const context = at("seen").getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#000";
  context.fillRect(0, 0, size, size);
  if (document.querySelector("[name=part]:checked").value === "middle") {
    const side = Math.min(width, height);
    context.drawImage(image, (width - side) / 2, (height - side) / 2, side, side, 0, 0, size, size);
  } else {
    const scale = size / Math.max(width, height);
    const [across, down] = [width * scale, height * scale];
    context.drawImage(image, (size - across) / 2, (size - down) / 2, across, down);
  }
  return context.getImageData(0, 0, size, size).data;
}

// Bytes of the image, channel after channel; gray as OpenCV computes it.
function planes(rgba) {
  const count = rgba.length / 4;
  const isGray = facts.color_order === "gray";
  const values = new Uint8Array(count * (isGray ? 1 : 3));
  for (let i = 0; i < count; i++) {
    const [red, green, blue] = [rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]];
    const gray = (red * 4899 + green * 9617 + blue * 1868 + 8192) >> 14;
    const colors = isGray ? [gray] : facts.without_color ? [gray, gray, gray] : [red, green, blue];
    colors.forEach((value, channel) => (values[channel * count + i] = value));
  }
  return values;
}

async function predict() {
  if (!source) return;
  const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
  if (!width) return;
  const shape = [1, ...facts.inputs.image.shape.slice(1)];
  const image = new ort.Tensor("uint8", planes(draw(source, width, height)), shape);
  const outputs = await session.run({ image });
  show(Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, Array.from(tensor.data)])));
}

function rows(outputs) {
  const found = [];
  const most = Math.max(...(outputs.probabilities ?? []));
  (outputs.probabilities ?? []).forEach((value, i) =>
    found.push([facts.classes[i], value, `${(100 * value).toFixed(1)} %`, [0, 1], value === most]));
  const [valence, arousal] = outputs.affect ?? [];
  if (outputs.affect) {
    found.push(["valence", valence, valence.toFixed(2), [-1, 1], false]);
    found.push(["arousal", arousal, arousal.toFixed(2), [-1, 1], false]);
  }
  if (outputs.score) found.push(["severity", outputs.score[0], `${outputs.score[0].toFixed(1)} ${facts.scale.name} points`,
    [facts.scale.low, facts.scale.high], false]);
  return found;
}

function show(outputs) {
  at("outputs").replaceChildren(...rows(outputs).map(([name, value, text, [low, high], isFirst]) => {
    const row = document.createElement("tr");
    const [label, bar, number] = ["th", "td", "td"].map((kind) => row.appendChild(document.createElement(kind)));
    const meter = bar.appendChild(document.createElement("meter"));
    Object.assign(meter, { min: low, max: high, value });
    meter.dataset.value = value;
    label.textContent = name;
    number.textContent = text;
    row.classList.toggle("first", isFirst);
    return row;
  }));
}

function next(work) {
  waiting = waiting.then(work).catch((error) => say(error.message, true));
  return waiting;
}

async function choose(file) {
  if (!file) return;
  stop();
  try {
    source = await createImageBitmap(file);
  } catch {
    return say(`${file.name} is not an image that this browser reads`, true);
  }
  await next(async () => {
    await predict();
    say(`${file.name}: ${source.width} x ${source.height} pixels`);
  });
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  at("camera").textContent = "Start the camera";
}

async function toggle() {
  if (stream) {
    stop();
    return say("The camera is off");
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: true });
  } catch (error) {
    return say(`The camera cannot be used: ${error.message}`, true);
  }
  const video = at("video");
  video.srcObject = stream;
  await video.play();
  source = video;
  at("camera").textContent = "Stop the camera";
  at("file").value = "";
  let number = 0;
  const started = performance.now();
  const loop = async () => {
    if (!stream) return;
    await next(predict);
    if (!stream) return; // stopped in the meantime
    number += 1;
    if (!at("status").classList.contains("error")) {
      say(`Camera: ${((1000 * number) / (performance.now() - started)).toFixed(1)} images a second`);
    }
    requestAnimationFrame(loop);
  };
  say("Camera");
  loop();
}

async function start() {
  facts = await (await fetch("model.json")).json();
  at("title").textContent = facts.run;
  const diagnosis = facts.outputs.score ? " A score is no diagnosis." : "";
  at("about").textContent = `Trained on ${facts.data.title} (license of the data: ${facts.data.license}). ` +
    `What a network reads in a face does not show what a person feels.${diagnosis}`;
  at("seen").width = at("seen").height = facts.input_size;
  session = await ort.InferenceSession.create("model.onnx", { executionProviders: ["wasm"] });
  at("file").addEventListener("change", () => choose(at("file").files[0]));
  at("camera").addEventListener("click", toggle);
  document.querySelectorAll("[name=part]").forEach((one) => one.addEventListener("change", () => next(predict)));
  at("file").disabled = false;
  at("camera").disabled = !navigator.mediaDevices;
  say("Ready: choose an image, or start the camera");
}

start().catch((error) => say(`The network cannot be loaded: ${error.message}`, true));
