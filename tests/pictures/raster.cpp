#include "tests/pictures/raster.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <string_view>

#include "web/ui/imgui.h"

namespace kubewalk::pictures {

using ui::Rect;
using ui::Vec;

namespace {

struct Rgba {
    float r = 0, g = 0, b = 0, a = 0;
};

Rgba unpack(std::uint32_t color) {
    return {static_cast<float>(color & 255), static_cast<float>((color >> 8) & 255), static_cast<float>((color >> 16) & 255),
            static_cast<float>(color >> 24)};
}

// Bilinear, as the graphics backends sample; 0..1.
class Sampler {
public:
    explicit Sampler(ImTextureData* texture) : texture_(texture) {}

    Rgba at(float u, float v) const {
        float x = u * static_cast<float>(texture_->Width) - 0.5f, y = v * static_cast<float>(texture_->Height) - 0.5f;
        float fx = std::floor(x), fy = std::floor(y);
        int ix = static_cast<int>(fx), iy = static_cast<int>(fy);
        return mix(mix(texel(ix, iy), texel(ix + 1, iy), x - fx), mix(texel(ix, iy + 1), texel(ix + 1, iy + 1), x - fx), y - fy);
    }

private:
    static Rgba mix(const Rgba& a, const Rgba& b, float t) {
        return {a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t, a.a + (b.a - a.a) * t};
    }
    Rgba texel(int x, int y) const {
        x = std::clamp(x, 0, texture_->Width - 1);
        y = std::clamp(y, 0, texture_->Height - 1);
        const auto* p = static_cast<const unsigned char*>(texture_->GetPixelsAt(x, y));
        if (texture_->Format == ImTextureFormat_Alpha8) return {1, 1, 1, static_cast<float>(p[0]) / 255};
        constexpr float unit = 1.0f / 255;
        return {static_cast<float>(p[0]) * unit, static_cast<float>(p[1]) * unit, static_cast<float>(p[2]) * unit, static_cast<float>(p[3]) * unit};
    }

    ImTextureData* texture_;
};

struct Corner {
    float x, y, u, v;
    Rgba color;
};

class Canvas {
public:
    Canvas(Image& image, Vec origin, Vec scale) : image_(image), origin_(origin), scale_(scale) {}

    Corner corner(const ImDrawVert& vertex) const {
        return {(vertex.pos.x - origin_.x) * scale_.x, (vertex.pos.y - origin_.y) * scale_.y, vertex.uv.x, vertex.uv.y, unpack(vertex.col)};
    }

    // Pixels whose middle lies inside; a shared edge belongs to one of its triangles only.
    void triangle(const Corner& a, Corner b, Corner c, const Rect& clip, const Sampler& sampler) {
        float area = edge(a, b, c.x, c.y);
        if (area == 0) return;
        if (area < 0) {
            std::swap(b, c);
            area = -area;
        }
        int left = std::max(first(std::min({a.x, b.x, c.x})), static_cast<int>(clip.Min.x));
        int right = std::min(first(std::max({a.x, b.x, c.x})), static_cast<int>(clip.Max.x) - 1);
        int top = std::max(first(std::min({a.y, b.y, c.y})), static_cast<int>(clip.Min.y));
        int bottom = std::min(first(std::max({a.y, b.y, c.y})), static_cast<int>(clip.Max.y) - 1);
        bool flat = a.u == b.u && a.v == b.v && a.u == c.u && a.v == c.v;
        Rgba only = flat ? sampler.at(a.u, a.v) : Rgba{};
        for (int y = top; y <= bottom; ++y) {
            for (int x = left; x <= right; ++x) {
                float px = static_cast<float>(x) + 0.5f, py = static_cast<float>(y) + 0.5f;
                float wa = edge(b, c, px, py), wb = edge(c, a, px, py), wc = edge(a, b, px, py);
                if (!inside(wa, b, c) || !inside(wb, c, a) || !inside(wc, a, b)) continue;
                wa /= area, wb /= area, wc /= area;
                Rgba texel = flat ? only : sampler.at(a.u * wa + b.u * wb + c.u * wc, a.v * wa + b.v * wb + c.v * wc);
                blend(x, y, {(a.color.r * wa + b.color.r * wb + c.color.r * wc) * texel.r, (a.color.g * wa + b.color.g * wb + c.color.g * wc) * texel.g,
                             (a.color.b * wa + b.color.b * wb + c.color.b * wc) * texel.b, (a.color.a * wa + b.color.a * wb + c.color.a * wc) * texel.a / 255});
            }
        }
    }

private:
    static int first(float v) { return static_cast<int>(std::floor(v)); }
    static float edge(const Corner& a, const Corner& b, float x, float y) { return (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x); }
    static bool inside(float weight, const Corner& a, const Corner& b) {
        if (weight != 0) return weight > 0;
        return (a.y == b.y && b.x > a.x) || b.y < a.y;
    }
    void blend(int x, int y, const Rgba& color) {
        std::uint8_t* p = &image_.rgba[(static_cast<std::size_t>(y) * static_cast<std::size_t>(image_.width) + static_cast<std::size_t>(x)) * 4];
        const float over[] = {color.r, color.g, color.b};
        for (int i = 0; i < 3; ++i) p[i] = static_cast<std::uint8_t>(static_cast<float>(p[i]) * (1 - color.a) + over[i] * color.a + 0.5f);
    }

    Image& image_;
    Vec origin_, scale_;
};

// --- PNG -----------------------------------------------------------------------------------------------

void put32(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 255));
}

std::uint32_t crc(std::string_view data) {
    static const std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> t{};
        for (std::uint32_t n = 0; n < 256; ++n) {
            std::uint32_t c = n;
            for (int k = 0; k < 8; ++k) c = (c & 1) ? 0xedb88320u ^ (c >> 1) : c >> 1;
            t[n] = c;
        }
        return t;
    }();
    std::uint32_t value = 0xffffffffu;
    for (char byte : data) value = table[(value ^ static_cast<unsigned char>(byte)) & 255] ^ (value >> 8);
    return value ^ 0xffffffffu;
}

void put_chunk(std::string& out, std::string_view type, std::string_view data) {
    put32(out, static_cast<std::uint32_t>(data.size()));
    std::string body = std::string(type) + std::string(data);
    out += body;
    put32(out, crc(body));
}

// zlib's form with blocks that are stored as they are.
std::string stored(const std::string& data) {
    std::string out = "\x78\x01";
    constexpr std::size_t most = 65535;
    for (std::size_t at = 0; at < data.size(); at += most) {
        std::size_t size = std::min(most, data.size() - at);
        out.push_back(at + size == data.size() ? 1 : 0);
        for (std::size_t value : {size, ~size}) {
            out.push_back(static_cast<char>(value & 255));
            out.push_back(static_cast<char>((value >> 8) & 255));
        }
        out.append(data, at, size);
    }
    std::uint32_t a = 1, b = 0;
    for (char byte : data) {
        a = (a + static_cast<unsigned char>(byte)) % 65521;
        b = (b + a) % 65521;
    }
    put32(out, b << 16 | a);
    return out;
}

}  // namespace

void take_textures() {
    for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
        if (texture->Status == ImTextureStatus_WantCreate || texture->Status == ImTextureStatus_WantUpdates) {
            texture->SetTexID(static_cast<ImTextureID>(reinterpret_cast<std::uintptr_t>(texture)));
            texture->SetStatus(ImTextureStatus_OK);
        }
        if (texture->Status == ImTextureStatus_WantDestroy) {
            texture->SetTexID(ImTextureID_Invalid);
            texture->SetStatus(ImTextureStatus_Destroyed);
        }
    }
}

Image rasterise(const ImDrawData& data, std::uint32_t background) {
    Image image;
    image.width = static_cast<int>(data.DisplaySize.x * data.FramebufferScale.x);
    image.height = static_cast<int>(data.DisplaySize.y * data.FramebufferScale.y);
    image.rgba.resize(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 4, 255);
    for (std::size_t i = 0; i < image.rgba.size(); ++i) image.rgba[i] = static_cast<std::uint8_t>(i % 4 == 3 ? 255 : background >> (8 * (i % 4)));
    Canvas canvas(image, data.DisplayPos, data.FramebufferScale);
    for (const ImDrawList* list : data.CmdLists) {
        for (const ImDrawCmd& command : list->CmdBuffer) {
            if (command.UserCallback || command.ElemCount == 0) continue;
            Sampler sampler(reinterpret_cast<ImTextureData*>(static_cast<std::uintptr_t>(command.GetTexID())));
            Vec scale = data.FramebufferScale;
            Rect clip((command.ClipRect.x - data.DisplayPos.x) * scale.x, (command.ClipRect.y - data.DisplayPos.y) * scale.y,
                      (command.ClipRect.z - data.DisplayPos.x) * scale.x, (command.ClipRect.w - data.DisplayPos.y) * scale.y);
            clip.ClipWith(Rect(0, 0, static_cast<float>(image.width), static_cast<float>(image.height)));
            for (unsigned i = 0; i + 2 < command.ElemCount; i += 3) {
                auto vertex = [&](unsigned n) {
                    auto index = static_cast<int>(list->IdxBuffer[static_cast<int>(command.IdxOffset + i + n)] + command.VtxOffset);
                    return canvas.corner(list->VtxBuffer[index]);
                };
                canvas.triangle(vertex(0), vertex(1), vertex(2), clip, sampler);
            }
        }
    }
    return image;
}

bool write_png(const Image& image, const std::string& path) {
    std::string rows;
    std::size_t width = static_cast<std::size_t>(image.width);
    for (int y = 0; y < image.height; ++y) {
        rows.push_back(0);
        for (std::size_t x = 0; x < width; ++x)
            for (std::size_t i = 0; i < 3; ++i) rows.push_back(static_cast<char>(image.rgba[(static_cast<std::size_t>(y) * width + x) * 4 + i]));
    }
    std::string out = "\x89PNG\r\n\x1a\n", header;
    put32(header, static_cast<std::uint32_t>(image.width));
    put32(header, static_cast<std::uint32_t>(image.height));
    header += std::string("\x08\x02\0\0\0", 5);
    put_chunk(out, "IHDR", header);
    put_chunk(out, "IDAT", stored(rows));
    put_chunk(out, "IEND", {});
    std::ofstream file(path, std::ios::binary);
    file.write(out.data(), static_cast<std::streamsize>(out.size()));
    return file.good();
}

}  // namespace kubewalk::pictures
