package org.syntagen.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of the public checkpoints of Stable Diffusion 1 and 2. */
class LdmNamesTest {

  @ParameterizedTest
  @CsvSource({
    "time_embed.0.weight, time_embedding.linear_1.weight",
    "time_embed.2.bias, time_embedding.linear_2.bias",
    "input_blocks.0.0.weight, conv_in.weight",
    "input_blocks.1.0.in_layers.0.weight, down_blocks.0.resnets.0.norm1.weight",
    "input_blocks.2.0.in_layers.2.bias, down_blocks.0.resnets.1.conv1.bias",
    "input_blocks.2.1.proj_in.weight, down_blocks.0.attentions.1.proj_in.weight",
    "input_blocks.3.0.op.weight, down_blocks.0.downsamplers.0.conv.weight",
    "input_blocks.4.0.skip_connection.weight, down_blocks.1.resnets.0.conv_shortcut.weight",
    "input_blocks.8.1.transformer_blocks.0.attn2.to_k.weight,"
        + " down_blocks.2.attentions.1.transformer_blocks.0.attn2.to_k.weight",
    "input_blocks.11.0.out_layers.3.weight, down_blocks.3.resnets.1.conv2.weight",
    "middle_block.0.emb_layers.1.weight, mid_block.resnets.0.time_emb_proj.weight",
    "middle_block.1.norm.bias, mid_block.attentions.0.norm.bias",
    "middle_block.2.out_layers.0.bias, mid_block.resnets.1.norm2.bias",
    "output_blocks.0.0.in_layers.0.weight, up_blocks.0.resnets.0.norm1.weight",
    "output_blocks.2.1.conv.weight, up_blocks.0.upsamplers.0.conv.weight",
    "output_blocks.3.1.proj_out.bias, up_blocks.1.attentions.0.proj_out.bias",
    "output_blocks.5.2.conv.bias, up_blocks.1.upsamplers.0.conv.bias",
    "output_blocks.11.0.skip_connection.bias, up_blocks.3.resnets.2.conv_shortcut.bias",
    "out.0.weight, conv_norm_out.weight",
    "out.2.bias, conv_out.bias",
    "label_emb.0.0.weight, label_emb.0.0.weight",
    "middle_block.3.norm.bias, middle_block.3.norm.bias",
  })
  void namesOfTheUNet(String ldm, String diffusers) {
    assertThat(LdmNames.unet(ldm, 2)).isEqualTo(diffusers);
  }

  @ParameterizedTest
  @CsvSource({
    "encoder.conv_in.weight, encoder.conv_in.weight",
    "encoder.down.1.block.0.nin_shortcut.weight,"
        + " encoder.down_blocks.1.resnets.0.conv_shortcut.weight",
    "encoder.down.2.downsample.conv.bias, encoder.down_blocks.2.downsamplers.0.conv.bias",
    "encoder.mid.block_1.norm1.weight, encoder.mid_block.resnets.0.norm1.weight",
    "encoder.mid.attn_1.q.weight, encoder.mid_block.attentions.0.to_q.weight",
    "encoder.norm_out.bias, encoder.conv_norm_out.bias",
    "decoder.up.3.block.2.conv2.weight, decoder.up_blocks.0.resnets.2.conv2.weight",
    "decoder.up.0.block.0.nin_shortcut.bias, decoder.up_blocks.3.resnets.0.conv_shortcut.bias",
    "decoder.up.1.upsample.conv.weight, decoder.up_blocks.2.upsamplers.0.conv.weight",
    "decoder.mid.attn_1.norm.weight, decoder.mid_block.attentions.0.group_norm.weight",
    "decoder.mid.attn_1.proj_out.bias, decoder.mid_block.attentions.0.to_out.0.bias",
    "decoder.mid.block_2.conv1.weight, decoder.mid_block.resnets.1.conv1.weight",
    "quant_conv.weight, quant_conv.weight",
    "post_quant_conv.bias, post_quant_conv.bias",
  })
  void namesOfTheAutoencoder(String ldm, String diffusers) {
    assertThat(LdmNames.vae(ldm, 4)).isEqualTo(diffusers);
  }

  @ParameterizedTest
  @CsvSource({
    "token_embedding.weight, text_model.embeddings.token_embedding.weight",
    "positional_embedding, text_model.embeddings.position_embedding.weight",
    "ln_final.bias, text_model.final_layer_norm.bias",
    "transformer.resblocks.0.ln_1.weight, text_model.encoder.layers.0.layer_norm1.weight",
    "transformer.resblocks.22.ln_2.bias, text_model.encoder.layers.22.layer_norm2.bias",
    "transformer.resblocks.7.attn.out_proj.weight,"
        + " text_model.encoder.layers.7.self_attn.out_proj.weight",
    "transformer.resblocks.7.mlp.c_fc.weight, text_model.encoder.layers.7.mlp.fc1.weight",
    "transformer.resblocks.7.mlp.c_proj.bias, text_model.encoder.layers.7.mlp.fc2.bias",
  })
  void namesOfOpenClip(String ldm, String diffusers) {
    assertThat(LdmNames.openClip(ldm)).isEqualTo(diffusers);
  }
}
