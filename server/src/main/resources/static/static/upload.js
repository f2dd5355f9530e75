// Uploads a file in parts by tus 1.0, each with its digest; one that broke off goes on.
const PART = 8 * 1024 * 1024;
const RETRIES = 5;

const section = document.getElementById("upload");
const csrf = document.querySelector("meta[name=csrf]");
const headers = { "Tus-Resumable": "1.0.0", [csrf.dataset.header]: csrf.content };
const message = document.getElementById("upload-message");
const bar = document.getElementById("sent");
const button = document.getElementById("send");

async function request(method, address, extra, body) {
  const response = await fetch(address, { method, headers: { ...headers, ...extra }, body });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    const error = new Error(problem.detail ?? `the server answered ${response.status}`);
    error.status = response.status;
    throw error;
  }
  return response;
}

async function digest(part) {
  const hash = await crypto.subtle.digest("SHA-256", await part.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(hash)));
}

async function offset(address) {
  return Number((await request("HEAD", address)).headers.get("Upload-Offset"));
}

async function send(file) {
  const created = await request("POST", "/uploads", {
    "Upload-Length": String(file.size),
    "Upload-Metadata": `submission ${btoa(section.dataset.submission)}`,
  });
  const address = created.headers.get("Location");
  let sent = await offset(address);
  let failures = 0;
  while (sent < file.size) {
    const part = file.slice(sent, sent + PART);
    const extra = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(sent) };
    if (crypto.subtle) {
      extra["Upload-Checksum"] = `sha256 ${await digest(part)}`;
    }
    try {
      const answer = await request("PATCH", address, extra, part);
      sent = Number(answer.headers.get("Upload-Offset"));
      failures = 0;
    } catch (error) {
      const passing = error.status === undefined || [409, 423, 460].includes(error.status) || error.status >= 500;
      if (!passing || ++failures > RETRIES) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** failures));
      sent = await offset(address);
    }
    bar.value = sent / file.size;
    message.textContent = `${Math.floor((100 * sent) / file.size)} %`;
  }
}

button.addEventListener("click", async () => {
  const file = document.getElementById("file").files[0];
  if (!file) {
    message.textContent = "Choose the file first.";
    return;
  }
  button.disabled = true;
  bar.hidden = false;
  try {
    await send(file);
    location.reload();
  } catch (error) {
    message.textContent = error.message;
    button.disabled = false;
  }
});
