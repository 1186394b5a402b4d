#pragma once
// Draws what Dear ImGui wants drawn into memory: no graphics card, no window, the same bytes everywhere.

#include <cstdint>
#include <string>
#include <vector>

struct ImDrawData;

namespace kubewalk::pictures {

struct Image {
    int width = 0, height = 0;      // device pixels
    std::vector<std::uint8_t> rgba;  // 4 bytes a pixel
};

// Brings the textures that ImGui asks for up to date; they are read where ImGui keeps them.
void take_textures();
// `background`: 0xAABBGGRR as ImGui packs colours.
Image rasterise(const ImDrawData& data, std::uint32_t background);
// PNG without compression: cmake and Python can make it small. False when it cannot be written.
bool write_png(const Image& image, const std::string& path);

}  // namespace kubewalk::pictures
